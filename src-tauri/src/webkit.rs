//! What WebKitGTK needs to be told before it starts.
//!
//! Its DMABUF renderer shows an empty window where buffers cannot be shared between the web
//! process and the compositor: with NVIDIA's own driver, and on machines without a render node
//! (virtual machines, Xvfb, remote desktops). There the older renderer is asked for.

use std::path::Path;

const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// What matters about the machine.
struct Graphics {
    nvidia: bool,
    render_node: bool,
}

/// Chooses a renderer that shows something. To be called while the process has one thread.
pub(crate) fn choose_renderer() {
    if std::env::var_os(SWITCH).is_none() && is_blank(&Graphics::of_machine()) {
        // SAFETY: the start of `main`: no other thread reads the environment.
        unsafe { std::env::set_var(SWITCH, "1") };
    }
}

/// Whether the DMABUF renderer would show an empty window.
fn is_blank(graphics: &Graphics) -> bool {
    graphics.nvidia || !graphics.render_node
}

impl Graphics {
    fn of_machine() -> Self {
        let render_node = std::fs::read_dir("/dev/dri").is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().as_encoded_bytes().starts_with(b"renderD"))
        });
        Self {
            nvidia: Path::new("/proc/driver/nvidia/version").exists(),
            render_node,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_render_node_without_nvidias_driver_is_trusted() {
        for (nvidia, render_node, blank) in [
            (false, true, false),
            (false, false, true),
            (true, true, true),
            (true, false, true),
        ] {
            let graphics = Graphics {
                nvidia,
                render_node,
            };
            assert_eq!(is_blank(&graphics), blank);
        }
    }
}
