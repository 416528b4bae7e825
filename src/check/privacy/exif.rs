//! Whether a photograph tells where it was taken.

use std::io::Cursor;

use exif::{In, Reader, Tag, Value};

/// Whether pictures of this ending can hold a place.
pub fn is_photograph(extension: &str) -> bool {
    matches!(extension, "jpg" | "jpeg" | "png" | "webp" | "heic" | "heif" | "avif" | "tif" | "tiff")
}

/// Whether a picture holds coordinates, in EXIF or in XMP.
pub fn has_location(bytes: &[u8]) -> bool {
    let in_xmp = ["exif:GPSLatitude", "exif:GPSLongitude"];
    in_exif(bytes) || in_xmp.iter().any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

fn in_exif(bytes: &[u8]) -> bool {
    // A picture without EXIF, or with a broken one, tells nothing.
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else { return false };
    [Tag::GPSLatitude, Tag::GPSLongitude].into_iter().any(|tag| {
        let field = exif.get_field(tag, In::PRIMARY);
        // Some cameras leave zeros where they do not know.
        field.is_some_and(|field| match &field.value {
            Value::Rational(parts) => parts.iter().any(|part| part.num != 0),
            _ => false,
        })
    })
}
