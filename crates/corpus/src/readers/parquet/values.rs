//! Values of columns as those of JSON, by what the schema says that they are.
//!
//! The types are those of Apache Parquet's page "Parquet Logical Type Definitions" (format 2.11).

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    schema::types::ColumnDescriptor,
};
use serde_json::{Number, Value};

use crate::archives::{Cell, Stored};

/// What a column's values are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Numbers and truth values, as they are stored.
    Plain,
    /// Numbers without a sign.
    Unsigned,
    Text,
    /// Text that is JSON.
    Json,
    /// Numbers with so many digits behind the point.
    Decimal(u32),
    /// Days since 1970.
    Date,
    /// Times of a day, so many a second.
    Time(i64),
    /// Times since 1970, so many a second; of UTC or of nowhere.
    Timestamp(i64, bool),
    Uuid,
    /// Floating-point numbers of 16 bits.
    Half,
    /// Numbers of classes, by their names.
    Classes(Vec<String>),
    /// Bytes that may be anything.
    Bytes,
}

impl Kind {
    /// The kind of a column's values; none where they cannot be carried.
    pub(super) fn of(column: &ColumnDescriptor) -> Option<Kind> {
        let physical = column.physical_type();
        let is_bytes = matches!(physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        let per_second = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        let decimal = || u32::try_from(column.type_scale()).ok().map(Kind::Decimal);
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::String | LogicalType::Enum), _) => Some(Kind::Text),
            (Some(LogicalType::Json), _) | (None, ConvertedType::JSON) => Some(Kind::Json),
            (None, ConvertedType::UTF8 | ConvertedType::ENUM) => Some(Kind::Text),
            (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => decimal(),
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Some(Kind::Date),
            (Some(LogicalType::Time(time)), _) => Some(Kind::Time(per_second(&time.unit))),
            (Some(LogicalType::Timestamp(time)), _) => {
                Some(Kind::Timestamp(per_second(&time.unit), time.is_adjusted_to_u_t_c))
            }
            (None, ConvertedType::TIME_MILLIS) => Some(Kind::Time(1_000)),
            (None, ConvertedType::TIME_MICROS) => Some(Kind::Time(1_000_000)),
            (None, ConvertedType::TIMESTAMP_MILLIS) => Some(Kind::Timestamp(1_000, true)),
            (None, ConvertedType::TIMESTAMP_MICROS) => Some(Kind::Timestamp(1_000_000, true)),
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => Some(Kind::Unsigned),
            (
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => Some(Kind::Unsigned),
            (Some(LogicalType::Uuid), _) => Some(Kind::Uuid),
            (Some(LogicalType::Float16), _) => Some(Kind::Half),
            (None, ConvertedType::NONE) if is_bytes => Some(Kind::Bytes),
            // Old timestamps are told by their type alone.
            (None, ConvertedType::NONE) if physical == Type::INT96 => {
                Some(Kind::Timestamp(1_000_000_000, false))
            }
            _ if is_bytes => None,
            _ => Some(Kind::Plain),
        }
    }

    /// What a row has, as a value of JSON.
    pub(super) fn value(&self, cell: &Cell) -> Value {
        match cell {
            Cell::Null => Value::Null,
            Cell::One(stored) => self.of_one(stored),
            Cell::Several(list) => list
                .iter()
                .map(|stored| stored.as_ref().map_or(Value::Null, |stored| self.of_one(stored)))
                .collect(),
        }
    }

    fn of_one(&self, stored: &Stored) -> Value {
        match (stored, self) {
            (Stored::Bool(truth), _) => (*truth).into(),
            (Stored::Int32(number), Kind::Unsigned) => (*number as u32).into(),
            (Stored::Int64(number), Kind::Unsigned) => (*number as u64).into(),
            (Stored::Int32(number), _) => self.of_number(i64::from(*number)),
            (Stored::Int64(number), _) => self.of_number(*number),
            (Stored::Int96(time), _) => {
                let &[low, high, day] = time.data() else { return Value::Null };
                let nanoseconds = u64::from(high) << 32 | u64::from(low);
                // The day of 1970-01-01, counted as astronomers do.
                let days = i64::from(day) - 2_440_588;
                let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let seconds = seconds.saturating_add(days * 86_400);
                moment(seconds, rest as i64, 1_000_000_000, false).into()
            }
            // Of 32 bits, the digits that tell it from others.
            (Stored::Float(number), _) => float(f64::from(*number), number.to_string()),
            (Stored::Double(number), _) => float(*number, number.to_string()),
            (Stored::Bytes(bytes), _) => self.of_bytes(bytes.data()),
        }
    }

    fn of_number(&self, number: i64) -> Value {
        match self {
            Kind::Decimal(scale) => decimal(i128::from(number), *scale).into(),
            Kind::Date => date(number).into(),
            Kind::Time(per_second) => {
                clock(number.div_euclid(*per_second), number.rem_euclid(*per_second), *per_second)
                    .into()
            }
            Kind::Timestamp(per_second, is_utc) => {
                let seconds = number.div_euclid(*per_second);
                moment(seconds, number.rem_euclid(*per_second), *per_second, *is_utc).into()
            }
            Kind::Classes(names) => {
                let name = usize::try_from(number).ok().and_then(|number| names.get(number));
                name.map_or_else(|| number.into(), |name| name.as_str().into())
            }
            _ => number.into(),
        }
    }

    fn of_bytes(&self, bytes: &[u8]) -> Value {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        match self {
            Kind::Decimal(scale) if bytes.len() <= 16 => {
                let sign = bytes.first().map_or(0, |first| (*first as i8 >> 7) as u8);
                let mut all = [sign; 16];
                all[16 - bytes.len()..].copy_from_slice(bytes);
                decimal(i128::from_be_bytes(all), *scale).into()
            }
            Kind::Uuid if bytes.len() == 16 => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                parts.join("-").into()
            }
            Kind::Half => match bytes {
                &[low, high] => half(u16::from_le_bytes([low, high])),
                _ => Value::Null,
            },
            Kind::Json => serde_json::from_slice(bytes).unwrap_or_else(|_| text().into()),
            _ => text().into(),
        }
    }
}

/// A number as JSON has it: what is none is missing, as pandas writes it, and JSON has no infinity.
fn float(number: f64, shortest: String) -> Value {
    match number.is_finite() {
        true => {
            let shortest = shortest.parse().ok().and_then(Number::from_f64);
            shortest.map_or(Value::Null, Value::Number)
        }
        false if number.is_nan() => Value::Null,
        false => shortest.into(),
    }
}

/// IEEE 754's binary16.
fn half(bits: u16) -> Value {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
    let magnitude = match exponent {
        0 => fraction * power(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * power(exponent - 25),
    };
    let number = if bits >> 15 == 1 { -magnitude } else { magnitude };
    float(number, number.to_string())
}

fn decimal(number: i128, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{behind}")
}

/// The date so many days after 1970-01-01, in the Gregorian calendar (ISO 8601).
fn date(days: i64) -> String {
    // Years begin in March, so that the day that some years have more is their last.
    let days = i128::from(days) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year_of_era + next;
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time of a day (ISO 8601).
fn clock(seconds: i64, rest: i64, per_second: i64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let digits = per_second.ilog10() as usize;
    let behind = if rest == 0 { String::new() } else { format!(".{rest:0>digits$}") };
    format!("{hours:02}:{minutes:02}:{:02}{behind}", seconds % 60)
}

fn moment(seconds: i64, rest: i64, per_second: i64, is_utc: bool) -> String {
    let day = date(seconds.div_euclid(86_400));
    let time = clock(seconds.rem_euclid(86_400), rest, per_second);
    format!("{day}T{time}{}", if is_utc { "Z" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_of_every_width_are_what_they_say() {
        let one = |kind: Kind, stored| kind.of_one(&stored);
        assert_eq!(one(Kind::Plain, Stored::Float(0.1)), json!(0.1));
        assert_eq!(one(Kind::Plain, Stored::Double(f64::NAN)), json!(null));
        assert_eq!(one(Kind::Plain, Stored::Double(-f64::INFINITY)), json!("-inf"));
        assert_eq!(one(Kind::Unsigned, Stored::Int32(-1)), json!(4_294_967_295_u32));
        assert_eq!(one(Kind::Unsigned, Stored::Int64(-1)), json!(u64::MAX));
        assert_eq!(one(Kind::Decimal(2), Stored::Int32(-5)), json!("-0.05"));
        assert_eq!(one(Kind::Decimal(0), Stored::Int64(120)), json!("120"));
        let bytes = |bytes: &[u8]| Stored::Bytes(bytes.to_vec().into());
        assert_eq!(one(Kind::Decimal(1), bytes(&[0xff, 0x85])), json!("-12.3"));
        // 1.5, the smallest number above 0, and minus infinity.
        for (bits, value) in [(0x3e00, json!(1.5)), (1, json!(5.960464477539063e-8))] {
            assert_eq!(half(bits), value);
        }
        assert_eq!(half(0xfc00), json!("-inf"));
        let classes = Kind::Classes(vec!["no".into(), "yes".into()]);
        assert_eq!(one(classes.clone(), Stored::Int64(1)), json!("yes"));
        assert_eq!(one(classes, Stored::Int64(-1)), json!(-1));
        assert_eq!(one(Kind::Json, bytes(b"[1]")), json!([1]));
        assert_eq!(one(Kind::Json, bytes(b"[1")), json!("[1"));
    }

    #[test]
    fn times_are_written_as_iso_8601_has_them() {
        for (days, text) in
            [(0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (47_541, "2100-03-01")]
        {
            assert_eq!(date(days), text);
        }
        let kind = Kind::Timestamp(1_000, true);
        assert_eq!(kind.of_number(-1), json!("1969-12-31T23:59:59.999Z"));
        assert_eq!(Kind::Time(1_000_000).of_number(3_661_000_001), json!("01:01:01.000001"));
        let mut noon = parquet::data_type::Int96::new();
        noon.set_data(0x48a7_7fff, 0x274a, 2_440_589);
        let text = Kind::Timestamp(1_000_000_000, false).of_one(&Stored::Int96(noon));
        assert_eq!(text, json!("1970-01-02T11:59:59.999999999"));
        for number in [i64::MIN, i64::MAX] {
            for kind in [Kind::Date, Kind::Timestamp(1, false), Kind::Time(1_000)] {
                assert!(kind.of_number(number).is_string());
            }
        }
    }
}
