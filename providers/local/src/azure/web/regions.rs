//! Regions as App Service spells them: `West Europe` where everybody else says `westeurope`.

/// Regions with their display names.
const REGIONS: &[&str] = &[
    "Australia East",
    "Central US",
    "East US",
    "East US 2",
    "France Central",
    "Germany West Central",
    "North Europe",
    "Sweden Central",
    "UK South",
    "West Europe",
    "West US 2",
    "West US 3",
];

/// The display name of a location; the location itself when it has none.
pub(super) fn display(location: &str) -> String {
    let found = REGIONS.iter().find(|name| name.replace(' ', "").eq_ignore_ascii_case(location));
    found.map_or_else(|| location.to_owned(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_shown_with_spaces() {
        assert_eq!(display("eastus2"), "East US 2");
        assert_eq!(display("mars"), "mars");
    }
}
