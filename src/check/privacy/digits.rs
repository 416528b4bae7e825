//! The check digits and inner dates by which a number tells what it is.
//!
//! Pure arithmetic over ASCII; what a number looks like in a text is the business of [`super::numbers`].

use crate::parse::registry;

/// Weights and check characters of an ID card's number (GB 11643-1999, ISO 7064 MOD 11-2).
const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS: &[u8; 11] = b"10X98765432";

/// What an ID card's number may hold, weight and characters of a unified social credit code (GB 32100-2015, MOD 31).
const CREDIT_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// The authorities that register organisations: the first character of a credit code.
const REGISTRARS: &[u8] = b"123456789ANY";

/// Whether 18 characters begin like an ID card: a province and a day of birth.
pub fn has_birthday(id: &[u8]) -> bool {
    id.len() == 18 && is_province(id) && (1900..2100).contains(&number(&id[6..10])) && is_day(&id[6..10], &id[10..14])
}

/// Whether the last of 18 characters is the check digit of the others.
pub fn has_id_check(id: &[u8]) -> bool {
    let Some(digits) = id.get(..17).filter(|digits| id.len() == 18 && digits.iter().all(u8::is_ascii_digit)) else {
        return false;
    };
    let sum: u32 = digits.iter().zip(ID_WEIGHTS).map(|(digit, weight)| value(*digit) * weight).sum();
    ID_CHECKS[(sum % 11) as usize] == id[17].to_ascii_uppercase()
}

/// Whether 15 digits are an ID card of before 1999: a province and a day of birth in the 20th century.
pub fn is_old_id(id: &[u8]) -> bool {
    let year = || [b"19", &id[6..8]].concat();
    id.len() == 15 && id.iter().all(u8::is_ascii_digit) && is_province(id) && is_day(&year(), &id[8..12])
}

/// Whether 18 characters are the unified social credit code of an organisation.
pub fn is_credit_code(code: &[u8]) -> bool {
    if code.len() != 18 || !REGISTRARS.contains(&code[0]) || !code[2..8].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let values: Option<Vec<usize>> =
        code.iter().map(|byte| CREDIT_CHARACTERS.iter().position(|known| known == byte)).collect();
    let Some(values) = values else { return false };
    let sum: usize = values.iter().zip(CREDIT_WEIGHTS).map(|(value, weight)| value * weight).sum();
    (31 - sum % 31) % 31 == values[17]
}

/// Whether 16 to 19 digits are a bank card: an issuer that hands out cards here, and the Luhn check (ISO/IEC 7812).
pub fn is_bank_card(digits: &[u8]) -> bool {
    let varies = digits.iter().any(|digit| *digit != digits[0]);
    (16..=19).contains(&digits.len()) && varies && is_issuer(digits) && has_luhn_check(digits)
}

/// 62 UnionPay, 4 Visa, 51–55 and 2221–2720 Mastercard, 35 JCB, 60, 65 and 68 older domestic cards, 9558 and 9559 those of two banks.
fn is_issuer(digits: &[u8]) -> bool {
    matches!(digits, [b'4', ..] | [b'6', b'0' | b'2' | b'5' | b'8', ..] | [b'5', b'1'..=b'5', ..] | [b'3', b'5', ..])
        || (2221..=2720).contains(&number(&digits[..4]))
        || matches!(number(&digits[..4]), 9558 | 9559)
}

fn has_luhn_check(digits: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let counted = |(place, digit): (usize, &u8)| if place % 2 == 1 { doubled(value(*digit)) } else { value(*digit) };
    digits.iter().rev().enumerate().map(counted).sum::<u32>().is_multiple_of(10)
}

/// Whether an ID card begins with a province, or with 83 (residents from Taiwan) or 91 (foreigners).
fn is_province(id: &[u8]) -> bool {
    let code = number(&id[..2]);
    registry::is_province(code) || matches!(code, 83 | 91)
}

/// `[year, month and day]`
fn is_day(year: &[u8], day: &[u8]) -> bool {
    let field = |bytes: &[u8]| i8::try_from(number(bytes)).unwrap_or_default();
    let year = i16::try_from(number(year)).unwrap_or_default();
    jiff::civil::Date::new(year, field(&day[..2]), field(&day[2..])).is_ok()
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + value(*digit))
}

fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_samples_of_the_standards_are_right() {
        // GB 11643 (annex), and the sample that articles about it use.
        for id in ["11010519491231002X", "34052419800101001X", "110105194912310021"] {
            assert!(has_birthday(id.as_bytes()), "{id}");
        }
        assert!(has_id_check(b"11010519491231002X") && has_id_check(b"34052419800101001x"));
        assert!(!has_id_check(b"110105194912310021") && !has_id_check(b"340524198001010012"));
        // GB 32100 and published codes of companies and authorities.
        for code in ["91350100M000100Y43", "91110000802100433B", "91330100799655058B"] {
            assert!(is_credit_code(code.as_bytes()), "{code}");
        }
        assert!(!is_credit_code(b"91350100M000100Y44") && !is_credit_code(b"91350100M000100Y4"));
        // ISO/IEC 7812 and the test numbers of card schemes.
        for card in ["4111111111111111", "5500005555555559", "3530111333300000", "6200000000000005", "6011111111111117"]
        {
            assert!(is_bank_card(card.as_bytes()), "{card}");
        }
        for no_card in ["4111111111111112", "0000000000000000", "1234567812345670", "79927398713"] {
            assert!(!is_bank_card(no_card.as_bytes()), "{no_card}");
        }
    }

    #[test]
    fn a_day_of_birth_must_exist() {
        for id in ["110105194902310020", "110105194913010020", "110105180001010020", "990105194912310020"] {
            assert!(!has_birthday(id.as_bytes()), "{id}");
        }
        assert!(has_birthday(b"110105200002290021") && !has_birthday(b"110105190002290021"));
        assert!(is_old_id(b"110105491231002") && !is_old_id(b"110105491331002"));
    }
}
