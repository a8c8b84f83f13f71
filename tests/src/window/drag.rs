//! Another program's window that files are dragged out of: the source's side of X11's drag-and-drop
//! protocol (XDND, version 5), without a mouse.

use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::LIMIT;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Source {
    x: RustConnection,
    window: Window,
    target: Window,
    kind: Atom,
    addresses: String,
}

/// Drags files over a window, and drops them there unless they are taken away again.
pub fn files(
    display: &str,
    target: Window,
    addresses: &str,
    at: (u32, u32),
    drop: bool,
) -> Result<()> {
    let (x, screen) = RustConnection::connect(Some(display))?;
    let root = x.setup().roots[screen].root;
    let window = x.generate_id()?;
    x.create_window(
        0,
        window,
        root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_ONLY,
        0,
        &CreateWindowAux::new(),
    )?;
    let atom =
        |name: &str| -> Result<Atom> { Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom) };
    let [
        selection,
        enter,
        position,
        status,
        leave,
        dropped,
        finished,
        copy,
    ] = [
        "XdndSelection",
        "XdndEnter",
        "XdndPosition",
        "XdndStatus",
        "XdndLeave",
        "XdndDrop",
        "XdndFinished",
        "XdndActionCopy",
    ]
    .map(atom);
    let kind = atom("text/uri-list")?;
    let (status, finished) = (status?, finished?);
    x.set_selection_owner(window, selection?, x11rb::CURRENT_TIME)?;
    let source = Source {
        window,
        target,
        kind,
        addresses: addresses.to_owned(),
        x,
    };
    source.send(enter?, [0, 5 << 24, kind, 0, 0])?;
    let place = (at.0 << 16) | at.1;
    let (position, copy) = (position?, copy?);
    let deadline = Instant::now() + LIMIT;
    let mut accepted = 0;
    source.send(position, [0, 0, place, 0, copy])?;
    while accepted < 5 {
        // The target asks for the addresses before it knows whether it wants them; as long as the
        // mouse moves, it says again what it thinks.
        if let Some(Event::ClientMessage(message)) = source.next(deadline)?
            && message.type_ == status
        {
            accepted += message.data.as_data32()[1] & 1;
            thread::sleep(Duration::from_millis(50));
            source.send(position, [0, 0, place, 0, copy])?;
        }
    }
    if !drop {
        return source.send(leave?, [0; 5]);
    }
    source.send(dropped?, [0; 5])?;
    loop {
        if let Some(Event::ClientMessage(message)) = source.next(deadline)?
            && message.type_ == finished
        {
            return Ok(());
        }
    }
}

impl Source {
    fn send(&self, kind: Atom, mut data: [u32; 5]) -> Result<()> {
        data[0] = self.window;
        let message = ClientMessageEvent::new(32, self.target, kind, data);
        self.x
            .send_event(false, self.target, EventMask::NO_EVENT, message)?;
        self.x.sync()?;
        Ok(())
    }

    /// What came next; requests for the addresses are answered here.
    fn next(&self, deadline: Instant) -> Result<Option<Event>> {
        if Instant::now() > deadline {
            return Err("the window does not want the files".into());
        }
        let event = self.x.poll_for_event()?;
        match &event {
            Some(Event::SelectionRequest(request)) => self.answer(request)?,
            Some(_) => {}
            None => thread::sleep(Duration::from_millis(5)),
        }
        Ok(event)
    }

    fn answer(&self, request: &SelectionRequestEvent) -> Result<()> {
        let known = request.target == self.kind;
        if known {
            self.x.change_property8(
                PropMode::REPLACE,
                request.requestor,
                request.property,
                request.target,
                self.addresses.as_bytes(),
            )?;
        }
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if known {
                request.property
            } else {
                AtomEnum::NONE.into()
            },
        };
        self.x
            .send_event(false, request.requestor, EventMask::NO_EVENT, answer)?;
        self.x.sync()?;
        Ok(())
    }
}
