//! Wheels (PEP 427): a zip archive with WHEEL, METADATA and RECORD, the same bytes for the same files.

use std::io::{self, Cursor, Write as _};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use recipe::bzl::Wheel;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A file of a wheel.
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    pub(super) executable: bool,
    pub(super) compress: bool,
}

/// The bytes of a wheel.
pub(super) fn archive(wheel: &Wheel, mut files: Vec<File>) -> io::Result<Vec<u8>> {
    let info = format!("{}.dist-info", wheel.stem());
    let derived = |name: &str, text: String| File {
        path: format!("{info}/{name}"),
        bytes: text.into_bytes(),
        executable: false,
        compress: true,
    };
    // An author's own WHEEL and METADATA count; RECORD has to be that of this archive.
    let record = format!("{info}/RECORD");
    files.retain(|f| f.path != record);
    for (name, text) in [("METADATA", metadata(wheel)), ("WHEEL", about(wheel))] {
        if !files.iter().any(|f| f.path == format!("{info}/{name}")) {
            files.push(derived(name, text));
        }
    }
    // Metadata stands last, as the format recommends.
    files.sort_by(|a, b| {
        let last = |f: &File| f.path.starts_with(&info);
        (last(a), &a.path).cmp(&(last(b), &b.path))
    });
    let mut lines = String::new();
    for file in &files {
        let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(&file.bytes));
        lines.push_str(&format!(
            "{},sha256={hash},{}\n",
            quoted(&file.path),
            file.bytes.len()
        ));
    }
    lines.push_str(&format!("{record},,\n"));
    files.push(derived("RECORD", lines));

    let time = time(wheel.modified_time);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in &files {
        let method = if file.compress {
            CompressionMethod::Deflated
        } else {
            CompressionMethod::Stored
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(time)
            .large_file(u32::try_from(file.bytes.len()).is_err())
            .unix_permissions(if file.executable { 0o755 } else { 0o644 });
        zip.start_file(&file.path, options)
            .map_err(io::Error::other)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}

fn metadata(wheel: &Wheel) -> String {
    format!(
        "Metadata-Version: 2.1\nName: {}\nVersion: {}\n",
        wheel.distribution, wheel.version
    )
}

fn about(wheel: &Wheel) -> String {
    let pure = if wheel.root_is_purelib {
        "true"
    } else {
        "false"
    };
    let mut text = format!(
        "Wheel-Version: 1.0\nGenerator: {}\nRoot-Is-Purelib: {pure}\n",
        wheel.generator
    );
    // A tag like `py2.py3` stands for several.
    for python in wheel.python_tag.split('.') {
        for abi in wheel.abi_tag.split('.') {
            for platform in wheel.platform_tag.split('.') {
                text.push_str(&format!("Tag: {python}-{abi}-{platform}\n"));
            }
        }
    }
    if let Some(build) = &wheel.build_tag {
        text.push_str(&format!("Build: {build}\n"));
    }
    text
}

/// A field of RECORD, which is CSV.
fn quoted(path: &str) -> String {
    if path.contains([',', '"', '\n']) {
        format!("\"{}\"", path.replace('"', "\"\""))
    } else {
        path.to_owned()
    }
}

/// A time of the archive, which knows years from 1980 and no zones.
fn time(seconds: Option<i64>) -> DateTime {
    let seconds = seconds.unwrap_or(0);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let of = |n: i64| u8::try_from(n).unwrap_or(0);
    u16::try_from(year)
        .ok()
        .and_then(|year| {
            DateTime::from_date_and_time(
                year,
                month,
                day,
                of(rest / 3600),
                of(rest / 60 % 60),
                of(rest % 60),
            )
            .ok()
        })
        .unwrap_or_default()
}

/// Days since 1970 as a date, counted in years that begin in March.
fn date(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_dates() {
        assert_eq!(Base64UrlUnpadded::encode_string(b""), "");
        assert_eq!(Base64UrlUnpadded::encode_string(b"f"), "Zg");
        assert_eq!(Base64UrlUnpadded::encode_string(b"fo"), "Zm8");
        assert_eq!(Base64UrlUnpadded::encode_string(b"foo"), "Zm9v");
        assert_eq!(Base64UrlUnpadded::encode_string(&[0xfb, 0xff]), "-_8");
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(20_778), (2026, 11, 21));
        assert_eq!(time(None), DateTime::default());
        let stamp = time(Some(20_778 * 86_400 + 3_725));
        assert_eq!((stamp.year(), stamp.hour(), stamp.minute()), (2026, 1, 2));
    }
}
