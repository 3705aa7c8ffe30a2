//! The regions there are, in ARM's spelling and in App Service's, and whether they have Flex Consumption.
//!
//! Source: <https://learn.microsoft.com/azure/reliability/regions-list>; which of them lacks Flex Consumption is this
//! cloud's own choice, so that there is one.

/// A region.
pub(crate) struct Location {
    /// As ARM spells it.
    pub(crate) name: &'static str,
    /// As App Service does.
    pub(crate) display: &'static str,
    /// Whether it has Flex Consumption.
    pub(crate) flex: bool,
}

const fn at(name: &'static str, display: &'static str) -> Location {
    Location { name, display, flex: true }
}

/// Every region.
pub(crate) const LOCATIONS: &[Location] = &[
    at("australiaeast", "Australia East"),
    Location { name: "brazilsoutheast", display: "Brazil Southeast", flex: false },
    at("centralus", "Central US"),
    at("eastus", "East US"),
    at("eastus2", "East US 2"),
    at("francecentral", "France Central"),
    at("germanywestcentral", "Germany West Central"),
    at("northeurope", "North Europe"),
    at("swedencentral", "Sweden Central"),
    at("uksouth", "UK South"),
    at("westeurope", "West Europe"),
    at("westus2", "West US 2"),
    at("westus3", "West US 3"),
];

/// A location folded: lower case without spaces.
pub(crate) fn fold(location: &str) -> String {
    location.to_lowercase().replace(' ', "")
}

/// Finds a region, in whichever spelling.
pub(crate) fn find(location: &str) -> Option<&'static Location> {
    let folded = fold(location);
    LOCATIONS.iter().find(|known| known.name == folded)
}

/// The names of all regions as ARM spells them.
pub(crate) fn names() -> Vec<&'static str> {
    LOCATIONS.iter().map(|location| location.name).collect()
}

/// A location as App Service spells it: `West Europe`; the location itself when it is none.
pub(crate) fn display(location: &str) -> String {
    find(location).map_or_else(|| location.to_owned(), |found| found.display.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_shown_with_spaces_and_found_in_any_spelling() {
        assert_eq!(display("eastus2"), "East US 2");
        assert_eq!(display("mars"), "mars");
        assert_eq!(find("WEST Europe").map(|found| found.name), Some("westeurope"));
    }
}
