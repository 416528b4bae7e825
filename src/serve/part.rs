//! Sends a file of the site, or the part of it that a browser asks for: films are played in parts.

#![expect(clippy::disallowed_methods, reason = "the files that are served as they are")]

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file's bytes, or those of them that were asked for.
pub(super) enum Part {
    Whole(Vec<u8>),
    Some {
        first: u64,
        length: u64,
        bytes: Vec<u8>,
    },
    /// Nothing is where the range begins.
    Beyond {
        length: u64,
    },
}

/// A browser that plays a film asks for one part after the other: none is larger than this.
const PART: u64 = 8 << 20;

pub(super) fn read(path: &Path, range: Option<&str>) -> io::Result<Part> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    let Some((first, last)) = range.and_then(|range| requested(range, length)) else {
        file.read_to_end(&mut bytes)?;
        return Ok(Part::Whole(bytes));
    };
    if first >= length {
        return Ok(Part::Beyond { length });
    }
    file.seek(SeekFrom::Start(first))?;
    file.take((last - first + 1).min(PART)).read_to_end(&mut bytes)?;
    Ok(Part::Some { first, length, bytes })
}

/// The first and the last byte of a `Range` with one part (RFC 9110, 14.1.2); other headers are passed over.
fn requested(range: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        return Some((length.saturating_sub(last.parse().ok()?), length.saturating_sub(1)));
    }
    let first = first.parse().ok()?;
    let last = if last.is_empty() { length.saturating_sub(1) } else { last.parse::<u64>().ok()? };
    (first >= length || first <= last).then_some((first, last.min(length.saturating_sub(1))))
}

impl Part {
    pub(super) fn response(self, content_type: &'static str) -> Response {
        let headers = [(header::CONTENT_TYPE, content_type), (header::ACCEPT_RANGES, "bytes")];
        match self {
            Self::Whole(bytes) => (headers, bytes).into_response(),
            Self::Some { first, length, bytes } => {
                let last = (first + bytes.len() as u64).saturating_sub(1);
                let range = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))];
                (StatusCode::PARTIAL_CONTENT, headers, range, bytes).into_response()
            }
            Self::Beyond { length } => {
                let range = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
                (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::requested;

    #[test]
    fn a_range_is_read_as_rfc_9110_says() {
        let check = |range: &str, expected: Option<(u64, u64)>| assert_eq!(requested(range, 10), expected, "{range}");
        check("bytes=0-", Some((0, 9)));
        check("bytes=2-3", Some((2, 3)));
        check("bytes=2-99", Some((2, 9)));
        check("bytes=-3", Some((7, 9)));
        check("bytes=-99", Some((0, 9)));
        check("bytes=10-", Some((10, 9)));
        check("bytes=3-2", None);
        check("bytes=0-1,3-4", None);
        check("lines=0-1", None);
    }
}
