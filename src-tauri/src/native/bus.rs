//! Services of the desktop that are asked over its message bus, through GIO, which GTK has loaded
//! already: Tauri's plugins bring a bus library of their own, 3 MB in every app.

use gtk::{
    gio::{self, BusType, Cancellable, DBusCallFlags},
    glib::Variant,
};

/// How long a service gets to answer, in milliseconds.
const PATIENCE: i32 = 10_000;

/// Calls a method of a service, whose object and interface are named like the service.
pub(super) fn call(
    service: &str,
    method: &str,
    arguments: &Variant,
) -> Result<(), gtk::glib::Error> {
    let bus = gio::bus_get_sync(BusType::Session, Cancellable::NONE)?;
    let object = format!("/{}", service.replace('.', "/"));
    bus.call_sync(
        Some(service),
        &object,
        service,
        method,
        Some(arguments),
        None,
        DBusCallFlags::NONE,
        PATIENCE,
        Cancellable::NONE,
    )?;
    Ok(())
}
