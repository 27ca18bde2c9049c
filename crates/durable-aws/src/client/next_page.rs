//! Which page of a list is next.

/// The next page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum NextPage {
    #[default]
    First,
    At(String),
    /// The last page has been read.
    None,
}

impl NextPage {
    /// Returns the page after one with this marker, which is empty or absent on the last one.
    pub(super) fn after(marker: Option<String>) -> Self {
        marker.filter(|marker| !marker.is_empty()).map_or(Self::None, Self::At)
    }

    pub(super) fn marker(&self) -> Option<String> {
        match self {
            Self::At(marker) => Some(marker.clone()),
            Self::First | Self::None => None,
        }
    }
}
