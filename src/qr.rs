//! QR codes (ISO/IEC 18004), and how they are drawn as a lean SVG: one path, a run of dark modules per step.

use std::sync::OnceLock;

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

/// Light modules around the code, as the standard asks.
const QUIET_ZONE: usize = 4;

/// A QR code with its quiet zone.
pub struct Code {
    /// Without the quiet zone.
    rows: Vec<Line>,
}

impl Code {
    /// The code of a text with error correction of level M; `None` where the text is too long.
    pub fn new(text: &str) -> Option<Self> {
        Some(Self { rows: code(text)? })
    }

    /// How many modules it is wide and high.
    pub fn size(&self) -> usize {
        self.rows.len() + 2 * QUIET_ZONE
    }

    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.rows.len());
        inside(x).zip(inside(y)).is_some_and(|(x, y)| self.rows[y].0 >> x & 1 == 1)
    }

    /// An `<svg>` without a size of its own, in the text's colour.
    pub fn svg(&self) -> String {
        let size = self.size();
        let mut svg = format!(
            "<svg class=\"qr-code\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"本页网址的二维码\" \
             xmlns=\"http://www.w3.org/2000/svg\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\""
        );
        svg.reserve(8 * 1024);
        let numbers: Vec<String> = (0..size).map(|number| number.to_string()).collect();
        for (y, row) in self.rows.iter().enumerate() {
            let mut x = 0;
            while row.0 >> x != 0 {
                x += (row.0 >> x).trailing_zeros() as usize;
                let run = (row.0 >> x).trailing_ones() as usize;
                for (command, number) in [("M", x + QUIET_ZONE), (" ", y + QUIET_ZONE), ("h", run), ("v1h-", run)] {
                    svg.push_str(command);
                    svg.push_str(&numbers[number]);
                }
                svg.push('z');
                x += run;
            }
        }
        svg.push_str("\"/></svg>");
        svg
    }
}

/// The dark modules of one row or column, the first one in the lowest bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Line(u128);

/// Up to this version a row fits into a [`Line`] with its quiet zone; level M has room for 997 bytes there.
const WIDEST: u8 = 25;

/// The rows of the code with the mask that the standard prefers (7.8.3): the one with the lowest penalty.
fn code(text: &str) -> Option<Vec<Line>> {
    let code = draw(&QrSegment::make_segments(text), Version::MIN, Version::new(WIDEST), 0)?;
    let plain = lines(&code);
    let masked = differences(code.version()).iter().map(|difference| exchanged(&plain, difference));
    let mut best = masked.min_by_key(|lines| penalty(lines))?;
    best.truncate(best.len() / 2);
    Some(best)
}

fn draw(segments: &[QrSegment], least: Version, most: Version, mask: u8) -> Option<QrCode> {
    QrCode::encode_segments_advanced(segments, QrCodeEcc::Medium, least, most, Some(Mask::new(mask)), false).ok()
}

/// The modules in which a code of each mask differs from that of the first one. They are the same whatever the text is,
/// and so are found once, with an empty one.
fn differences(version: Version) -> &'static [Vec<Line>; 8] {
    static KNOWN: [OnceLock<[Vec<Line>; 8]>; WIDEST as usize + 1] = [const { OnceLock::new() }; WIDEST as usize + 1];
    KNOWN[usize::from(version.value())].get_or_init(|| {
        let masked = |mask| lines(&draw(&[], version, version, mask).expect("every code has room for nothing"));
        std::array::from_fn(|mask| exchanged(&masked(mask as u8), &masked(0)))
    })
}

/// The rows of a code, then its columns.
fn lines(code: &QrCode) -> Vec<Line> {
    let size = code.size() as usize;
    let mut lines = vec![Line(0); 2 * size];
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x as i32, y as i32)) {
            lines[y].0 |= 1 << x;
            lines[size + x].0 |= 1 << y;
        }
    }
    lines
}

/// The modules in which two codes differ, or a code with some modules exchanged.
fn exchanged(lines: &[Line], others: &[Line]) -> Vec<Line> {
    lines.iter().zip(others).map(|(line, other)| Line(line.0 ^ other.0)).collect()
}

/// The penalty of a mask by the standard's four rules, each with its weight.
fn penalty(lines: &[Line]) -> u32 {
    let size = lines.len() / 2;
    let rows = &lines[..size];
    let of_lines: u32 = lines.iter().map(|line| line.runs(size) + 40 * line.finders()).sum();
    let squares = rows.windows(2).map(|pair| {
        let below = !(pair[0].0 ^ pair[1].0);
        (pair[0].same(size) & pair[1].same(size) & below).count_ones()
    });
    let dark: u32 = rows.iter().map(|row| row.0.count_ones()).sum();
    let all = (size * size) as u32;
    // In steps of 5 % away from the half.
    let imbalance = (dark * 20).abs_diff(all * 10).div_ceil(all) - 1;
    of_lines + 3 * squares.sum::<u32>() + 10 * imbalance
}

impl Line {
    /// The modules whose next one is of the same colour.
    fn same(self, size: usize) -> u128 {
        !(self.0 ^ self.0 >> 1) & ((1 << (size - 1)) - 1)
    }

    /// Five or more modules of one colour count their number less two.
    fn runs(self, size: usize) -> u32 {
        let same = self.same(size);
        let fives = same & same >> 1 & same >> 2 & same >> 3;
        fives.count_ones() + 2 * (fives & !(fives << 1)).count_ones()
    }

    /// How often dark and light modules stand as in a finder pattern (1:1:3:1:1), with four light ones before or after it.
    /// Outside the code everything is light.
    fn finders(self) -> u32 {
        let (dark, light) = (self.0 << 4, !(self.0 << 4));
        let finder = dark & light >> 1 & dark >> 2 & dark >> 3 & dark >> 4 & light >> 5 & dark >> 6;
        let finder = finder & light << 1 & light >> 7;
        let four = light & light >> 1 & light >> 2 & light >> 3;
        (finder & four << 4).count_ones() + (finder & four >> 7).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_small() {
        let code = Code::new("https://example.org/wenming/recruitment/2026/11/station.html").unwrap().svg();
        assert!(code.starts_with("<svg") && code.ends_with("</svg>"));
        assert!(code.len() < 8_000, "{} bytes", code.len());
    }

    #[test]
    fn a_text_that_fits_no_code_has_none() {
        assert!(Code::new(&"长".repeat(3000)).is_none());
    }

    #[test]
    fn the_code_is_the_one_that_the_library_itself_would_choose() {
        let long = "a".repeat(900);
        let addresses =
            (0..200).map(|number| format!("https://example.org/wenming/recruitment/2026/{number}/station.html"));
        for text in addresses.chain(["1".to_owned(), "浦东新区".to_owned(), long]) {
            let own = QrCode::encode_segments_advanced(
                &QrSegment::make_segments(&text),
                QrCodeEcc::Medium,
                Version::MIN,
                Version::MAX,
                None,
                false,
            );
            let rows = |own: QrCode| lines(&own)[..own.size() as usize].to_vec();
            assert_eq!(code(&text), own.ok().map(rows), "{text}");
        }
    }
}
