//! A value of any type, on its way through the serdes of a context.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A value of any type, for a serdes that is made for all values alike: one that implements
/// [`Serdes<T>`](crate::Serdes) for every `T` that can be serialized implements it for this one too.
///
/// It is serialized as the value that it stands for. In a format that is not human readable it is its JSON as a text.
#[derive(Clone, Debug)]
pub struct AnyValue(Box<RawValue>);

impl AnyValue {
    pub(crate) fn new<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.0.get())
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
        RawValue::from_string(json).map(Self).map_err(D::Error::custom)
    }
}
