//! Services of a desktop, as far as apps use them: they take what they are told and tell the test.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};

use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{OwnedValue, Value};
use zbus::{interface, message::Header};

use super::{Desktop, LIMIT, wait_for};

/// A notification that would be on the screen.
#[derive(Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its first line.
    pub title: String,
    /// More text.
    pub body: String,
    /// A file or a name.
    pub icon: String,
}

/// What shows notifications and files, and keeps a tray.
pub struct Services {
    connection: Connection,
    notifications: Receiver<Notification>,
    revealed: Receiver<Vec<String>>,
    tray: Receiver<(String, String)>,
}

struct Notifications(Sender<Notification>);

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[allow(clippy::too_many_arguments, reason = "the standard has as many")]
    fn notify(
        &self,
        _app: &str,
        _replaces: u32,
        icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let _ = self.0.send(Notification { title, body, icon });
        1
    }
}

struct FileManager(Sender<Vec<String>>);

#[interface(name = "org.freedesktop.FileManager1")]
impl FileManager {
    fn show_items(&self, addresses: Vec<String>, _startup: &str) {
        let _ = self.0.send(addresses);
    }
}

struct Watcher(Sender<(String, String)>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, path: String, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string);
        let _ = self.0.send((sender.unwrap_or_default(), path));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

impl Services {
    /// Starts them on this desktop's message bus.
    ///
    /// # Panics
    /// When the bus is not there.
    #[must_use]
    pub fn start(desktop: &Desktop) -> Self {
        let (notify, notifications) = channel();
        let (reveal, revealed) = channel();
        let (watch, tray) = channel();
        let built = connection::Builder::address(desktop.bus())
            .and_then(|bus| bus.name("org.freedesktop.Notifications"))
            .and_then(|bus| bus.name("org.freedesktop.FileManager1"))
            .and_then(|bus| bus.name("org.kde.StatusNotifierWatcher"))
            .and_then(|bus| bus.serve_at("/org/freedesktop/Notifications", Notifications(notify)))
            .and_then(|bus| bus.serve_at("/org/freedesktop/FileManager1", FileManager(reveal)))
            .and_then(|bus| bus.serve_at("/StatusNotifierWatcher", Watcher(watch)))
            .and_then(connection::Builder::build);
        Self {
            connection: built.expect("the message bus takes services"),
            notifications,
            revealed,
            tray,
        }
    }

    /// Waits for a notification.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn notification(&self) -> Notification {
        let notification = self.notifications.recv_timeout(LIMIT);
        notification.expect("a notification")
    }

    /// Waits for files to be shown in the file manager; their addresses.
    ///
    /// # Panics
    /// When none are.
    #[must_use]
    pub fn revealed(&self) -> Vec<String> {
        self.revealed.recv_timeout(LIMIT).expect("files to show")
    }

    /// Waits for an icon in the tray.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn tray(&self) -> Tray {
        let (owner, path) = self.tray.recv_timeout(LIMIT).expect("an icon");
        let connection = self.connection.clone();
        Tray {
            connection,
            owner,
            path,
        }
    }
}

/// An icon in the tray.
pub struct Tray {
    connection: Connection,
    owner: String,
    path: String,
}

/// A menu as it travels: id, properties, entries.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Tray {
    /// The file of its picture.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn icon(&self) -> String {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem");
        item.get_property("IconName").expect("a picture")
    }

    /// What its menu offers, and which id stands for it.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, i32)> {
        let menu = self.menu();
        let layout: zbus::Result<(u32, Layout)> =
            menu.call("GetLayout", &(0_i32, 1_i32, Vec::<&str>::new()));
        let Ok((_, (_, _, entries))) = layout else {
            return Vec::new();
        };
        let entries = entries.into_iter().filter_map(|entry| {
            let (id, properties, _) = Layout::try_from(entry).ok()?;
            let label = properties.get("label")?.try_clone().ok()?;
            Some((String::try_from(label).ok()?, id))
        });
        entries.collect()
    }

    /// Chooses an entry of its menu; waits until there is one.
    ///
    /// # Panics
    /// When it cannot be chosen.
    pub fn choose(&self, label: &str) {
        let id = wait_for(format!("{label:?} in the tray's menu"), || {
            let entries = self.entries();
            entries.into_iter().find(|(l, _)| l == label).map(|e| e.1)
        });
        let event = (id, "clicked", Value::from(0_i32), 0_u32);
        let answer: zbus::Result<()> = self.menu().call("Event", &event);
        answer.expect("the click is taken");
    }

    fn menu(&self) -> Proxy<'_> {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem");
        let menu: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").expect("a menu");
        self.proxy(menu.as_str(), "com.canonical.dbusmenu")
    }

    fn proxy(&self, path: &str, interface: &'static str) -> Proxy<'_> {
        Proxy::new(
            &self.connection,
            self.owner.clone(),
            path.to_owned(),
            interface,
        )
        .expect("the icon's owner is there")
    }
}
