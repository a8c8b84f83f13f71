//! The little that a window manager would do: find windows by title, ask them to close.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// A window that can be seen.
pub struct Seen {
    pub(super) id: Window,
    /// What its title bar would say.
    pub title: String,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// All windows that can be seen.
pub fn windows(display: &str) -> Vec<Seen> {
    // A window may go away while it is being looked at: then there is one less.
    look(display).unwrap_or_default()
}

fn look(display: &str) -> Result<Vec<Seen>> {
    let (x, screen) = RustConnection::connect(Some(display))?;
    let name = atom(&x, "_NET_WM_NAME")?;
    let utf8 = atom(&x, "UTF8_STRING")?;
    let root = x.setup().roots[screen].root;
    let mut seen = Vec::new();
    for id in x.query_tree(root)?.reply()?.children {
        let Ok(attributes) = x.get_window_attributes(id)?.reply() else {
            continue;
        };
        let Ok(title) = x.get_property(false, id, name, utf8, 0, 1024)?.reply() else {
            continue;
        };
        if attributes.map_state == MapState::VIEWABLE && !title.value.is_empty() {
            let title = String::from_utf8_lossy(&title.value).into_owned();
            seen.push(Seen { id, title });
        }
    }
    Ok(seen)
}

/// Asks windows to close, as their close buttons do; how many there were.
pub fn close(display: &str, title: Option<&str>) -> usize {
    let mut windows = windows(display);
    windows.retain(|window| title.is_none_or(|title| title == window.title));
    // A window that is gone needs no closing.
    let asked = |window: &&Seen| ask_to_close(display, window.id).is_ok();
    windows.iter().filter(asked).count()
}

fn ask_to_close(display: &str, id: Window) -> Result<()> {
    let (x, _) = RustConnection::connect(Some(display))?;
    let protocols = atom(&x, "WM_PROTOCOLS")?;
    let delete = atom(&x, "WM_DELETE_WINDOW")?;
    let understood = x.get_property(false, id, protocols, AtomEnum::ATOM, 0, 64)?;
    let understood = understood.reply()?;
    if understood
        .value32()
        .into_iter()
        .flatten()
        .any(|one| one == delete)
    {
        let message = ClientMessageEvent::new(32, id, protocols, [delete, 0, 0, 0, 0]);
        x.send_event(false, id, EventMask::NO_EVENT, message)?;
    }
    // Waits until the server has read it: it may forget what a client sent that is gone by then.
    x.get_input_focus()?.reply()?;
    Ok(())
}

fn atom(x: &RustConnection, name: &str) -> Result<Atom> {
    Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom)
}
