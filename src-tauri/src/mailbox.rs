//! What Python's main thread waits for once the app's module has run: orders from the shell, or a
//! signal. One socket wakes it for both, so that waiting costs nothing.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
    sync::{Mutex, PoisonError},
};

/// What Python's main thread is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The windows are closed: come to an end.
    Close,
    /// The sources changed: run the app's module again.
    RunAgain,
    /// A signal came in: let Python look at it.
    Signal,
}

/// Holds orders until Python's main thread takes them.
pub(crate) struct Mailbox {
    orders: Mutex<VecDeque<Order>>,
    wake: UnixStream,
    woken: UnixStream,
}

impl Mailbox {
    pub(crate) fn new() -> std::io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        // A signal handler may not block on a full socket.
        wake.set_nonblocking(true)?;
        Ok(Self {
            orders: Mutex::default(),
            wake,
            woken,
        })
    }

    /// Leaves an order. Never blocks.
    pub(crate) fn post(&self, order: Order) {
        self.orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(order);
        // A full socket wakes as well as one more byte would.
        let _ = (&self.wake).write(&[0]);
    }

    /// Waits for the next order; a byte that no order came with is a signal's.
    pub(crate) fn wait(&self) -> Order {
        loop {
            let next = self
                .orders
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            if let Some(order) = next {
                return order;
            }
            let mut byte = [0];
            // Posted orders leave their bytes behind: a zero byte without an order is an old one.
            match (&self.woken).read(&mut byte) {
                Ok(1) if byte[0] == 0 => {}
                Ok(_) => return Order::Signal,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                    return Order::Signal;
                }
                Err(_) => return Order::Close,
            }
        }
    }

    /// For `signal.set_wakeup_fd`: Python writes the signal's number, which is never 0.
    pub(crate) fn wakeup_fd(&self) -> i32 {
        self.wake.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_in_order_and_a_foreign_byte_is_a_signal() {
        let mailbox = Mailbox::new().unwrap();
        mailbox.post(Order::RunAgain);
        mailbox.post(Order::Close);
        assert_eq!(mailbox.wait(), Order::RunAgain);
        (&mailbox.wake).write_all(&[2]).unwrap();
        assert_eq!(mailbox.wait(), Order::Close);
        assert_eq!(mailbox.wait(), Order::Signal);
    }

    #[test]
    fn more_orders_than_the_socket_holds_do_not_block() {
        let mailbox = Mailbox::new().unwrap();
        for _ in 0..1_000_000 {
            mailbox.post(Order::RunAgain);
        }
        assert_eq!(mailbox.wait(), Order::RunAgain);
    }
}
