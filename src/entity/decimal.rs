//! Decimal numbers as text: HApi writes `1.0` and `4.50`, and a binary float would damage long ones.

/// Longest number of digits an exponent may unfold to; beyond it the number is left as it was written.
const MOST_DIGITS: i64 = 400;

/// The shortest plain form of a decimal number: `1.0` → `1`, `4.50` → `4.5`, `1e3` → `1000`, `-0.0` → `0`.
///
/// `None` when the text is not a decimal number.
pub(crate) fn shortest(text: &str) -> Option<String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // Digits before the decimal mark, counted in `significant`; may be negative or beyond its end.
    let skipped = i64::try_from(digits.len() - significant.len()).ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_sub(skipped)?.checked_add(exponent)?;
    if point.abs() > MOST_DIGITS {
        return Some(text.to_owned());
    }
    let significant = significant.trim_end_matches('0');
    let length = i64::try_from(significant.len()).ok()?;
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', usize::try_from(-point).ok()?));
        out.push_str(significant);
    } else if point >= length {
        out.push_str(significant);
        out.extend(std::iter::repeat_n('0', usize::try_from(point - length).ok()?));
    } else {
        let (before, after) = significant.split_at(usize::try_from(point).ok()?);
        out.push_str(before);
        out.push('.');
        out.push_str(after);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn a_number_has_one_shortest_form() {
        for (text, expected) in [
            ("1.0", "1"),
            ("1", "1"),
            ("1.00", "1"),
            ("4.50", "4.5"),
            ("-0.0", "0"),
            ("0.05", "0.05"),
            ("007", "7"),
            ("1e3", "1000"),
            ("1.25E1", "12.5"),
            ("12e-4", "0.0012"),
            ("100", "100"),
            ("-10.10", "-10.1"),
            ("9007199254740993", "9007199254740993"),
            ("0.1000000000000000000000000000001", "0.1000000000000000000000000000001"),
            ("1e999999", "1e999999"),
        ] {
            assert_eq!(shortest(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", ".", "-", "N/D", "1,5", "1 2", "0x1", "1e", "NaN", "½"] {
            assert_eq!(shortest(text), None, "{text}");
        }
    }
}
