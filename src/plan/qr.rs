//! Draws a QR code as a lean SVG: one path, a run of dark modules per step.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, as ISO/IEC 18004 asks.
const QUIET_ZONE: usize = 4;

/// An `<svg>` without a size of its own, in the text's colour; empty where the text is too long for a code.
pub fn svg(text: &str) -> String {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else { return String::new() };
    let size = code.size + 2 * QUIET_ZONE;
    let mut svg = format!(
        "<svg class=\"qr-code\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"本页网址的二维码\" \
         xmlns=\"http://www.w3.org/2000/svg\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\""
    );
    for (y, row) in code.data.chunks(code.size).take(code.size).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|module| module.value()).count();
            if run > 0 {
                write!(svg, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE).expect("a string takes all");
            }
            x += run.max(1);
        }
    }
    svg.push_str("\"/></svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn a_code_is_small() {
        let code = svg("https://example.org/wenming/recruitment/2026/11/station.html");
        assert!(code.starts_with("<svg") && code.ends_with("</svg>"));
        assert!(code.len() < 8_000, "{} bytes", code.len());
    }

    #[test]
    fn a_text_that_fits_no_code_has_none() {
        assert_eq!(svg(&"长".repeat(3000)), "");
    }
}
