//! A value of any type, as passed to the serdes of a context.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A value of any type, for a serdes that treats all values alike.
///
/// A serdes that implements [`Serdes<T>`](crate::serdes::Serdes) for every serializable `T` also implements it for this
/// type. An `AnyValue` serializes like the value it holds; in a format that is not human readable, as a string of JSON.
#[derive(Clone, Debug)]
pub struct AnyValue(Box<RawValue>);

impl AnyValue {
    pub(super) fn from_json(json: String) -> serde_json::Result<Self> {
        RawValue::from_string(json).map(Self)
    }

    pub(super) fn json(&self) -> &str {
        self.0.get()
    }
}

impl Serialize for AnyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        serializer.serialize_str(self.0.get())
    }
}

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Box::deserialize(deserializer).map(Self);
        }
        let json = String::deserialize(deserializer)?;
        Self::from_json(json).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::Visitor;
    use serde::forward_to_deserialize_any;

    use super::*;

    /// A text in a format that is not human readable.
    struct Binary(&'static str);

    impl<'de> Deserializer<'de> for Binary {
        type Error = serde_json::Error;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
            visitor.visit_str(self.0)
        }

        fn is_human_readable(&self) -> bool {
            false
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn in_json_it_is_the_value_itself() {
        let value = AnyValue::from_json(r#"["a",[1.5]]"#.to_owned()).unwrap();

        let text = serde_json::to_string(&[&value]).unwrap();

        assert_eq!(text, r#"[["a",[1.5]]]"#);
        let [read] = serde_json::from_str::<[AnyValue; 1]>(&text).unwrap();
        assert_eq!(read.json(), r#"["a",[1.5]]"#);
    }

    #[test]
    fn in_a_binary_format_it_is_a_text_of_json() {
        let value = AnyValue::deserialize(Binary("[1,2]")).unwrap();

        assert_eq!(value.json(), "[1,2]");
        assert!(AnyValue::deserialize(Binary("[1,")).is_err());
    }
}
