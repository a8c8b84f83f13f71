//! The table: what is needed, and how each distribution names the packages it comes in.

use super::manager::Manager;

/// One thing that is needed.
pub struct Need {
    /// Its version decides how CPython is built, so it goes into the cache key.
    pub library: bool,
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
    zypper: &'static [&'static str],
}

type Names = &'static [&'static str];

const fn tool(apt: Names, dnf: Names, pacman: Names, zypper: Names) -> Need {
    Need {
        library: false,
        apt,
        dnf,
        pacman,
        zypper,
    }
}

const fn library(apt: Names, dnf: Names, pacman: Names, zypper: Names) -> Need {
    Need {
        library: true,
        apt,
        dnf,
        pacman,
        zypper,
    }
}

/// On Debian and Ubuntu the -dev packages carry static archives; elsewhere these libraries are
/// linked dynamically (see `python/link.rs`).
#[rustfmt::skip]
pub const NEEDS: &[Need] = &[
    // apt, dnf, pacman, zypper
    tool(&["gcc", "libc6-dev"], &["gcc", "glibc-devel"], &["gcc"], &["gcc", "glibc-devel"]),
    tool(&["make"], &["make"], &["make"], &["make"]),
    tool(&["binutils"], &["binutils"], &["binutils"], &["binutils"]),
    tool(&["patch"], &["patch"], &["patch"], &["patch"]),
    tool(&["tar"], &["tar"], &["tar"], &["tar"]),
    tool(&["xz-utils"], &["xz"], &["xz"], &["xz"]),
    tool(&["pkg-config"], &["pkgconf-pkg-config"], &["pkgconf"], &["pkg-config"]),
    tool(&["ca-certificates"], &["ca-certificates"], &["ca-certificates"], &["ca-certificates"]),
    library(&["libssl-dev"], &["openssl-devel"], &["openssl"], &["libopenssl-devel"]),
    library(&["libsqlite3-dev"], &["sqlite-devel"], &["sqlite"], &["sqlite3-devel"]),
    library(&["libffi-dev"], &["libffi-devel"], &["libffi"], &["libffi-devel"]),
    library(&["liblzma-dev"], &["xz-devel"], &["xz"], &["xz-devel"]),
    library(&["libbz2-dev"], &["bzip2-devel"], &["bzip2"], &["libbz2-devel"]),
    library(&["zlib1g-dev"], &["zlib-devel"], &["zlib"], &["zlib-devel"]),
    library(&["uuid-dev"], &["libuuid-devel"], &["util-linux-libs"], &["libuuid-devel"]),
    library(&["libncurses-dev"], &["ncurses-devel"], &["ncurses"], &["ncurses-devel"]),
    library(&["libedit-dev", "libbsd-dev", "libmd-dev"], &["libedit-devel"], &["libedit"], &["libedit-devel"]),
    // For the window runtime.
    tool(&["libwebkit2gtk-4.1-dev"], &["webkit2gtk4.1-devel"], &["webkit2gtk-4.1"], &["webkit2gtk3-devel"]),
    tool(&["libgtk-3-dev"], &["gtk3-devel"], &["gtk3"], &["gtk3-devel"]),
    tool(&["libdbus-1-dev"], &["dbus-devel"], &["dbus"], &["dbus-1-devel"]),
    tool(&["librsvg2-dev"], &["librsvg2-devel"], &["librsvg"], &["librsvg-devel"]),
    tool(&["libayatana-appindicator3-dev"], &["libayatana-appindicator-gtk3-devel"], &["libayatana-appindicator"], &["libayatana-appindicator3-devel"]),
    // For windows in tests, on a machine without a display.
    tool(&["xvfb", "xauth"], &["xorg-x11-server-Xvfb", "xorg-x11-xauth"], &["xorg-server-xvfb", "xorg-xauth"], &["xorg-x11-server-Xvfb", "xauth"]),
    tool(&["webkit2gtk-driver"], &["webkit2gtk4.1-devel"], &["webkit2gtk-4.1"], &["webkit2gtk3-devel"]),
    tool(&["xdotool"], &["xdotool"], &["xdotool"], &["xdotool"]),
    tool(&["xclip"], &["xclip"], &["xclip"], &["xclip"]),
    tool(&["imagemagick"], &["ImageMagick"], &["imagemagick"], &["ImageMagick"]),
    tool(&["dbus"], &["dbus-daemon"], &["dbus"], &["dbus-1-daemon"]),
    tool(&["fonts-dejavu-core"], &["dejavu-sans-fonts"], &["ttf-dejavu"], &["dejavu-fonts"]),
    // For the end-to-end tests.
    tool(&["strace"], &["strace"], &["strace"], &["strace"]),
    tool(&["patchelf"], &["patchelf"], &["patchelf"], &["patchelf"]),
];

impl Need {
    pub fn packages(&self, manager: Manager) -> Names {
        match manager {
            Manager::Apt => self.apt,
            Manager::Dnf => self.dnf,
            Manager::Pacman => self.pacman,
            Manager::Zypper => self.zypper,
        }
    }
}
