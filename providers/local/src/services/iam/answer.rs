//! IAM's answers: roles, tags and pages in XML.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::store::Role;
use crate::page::Page;
use crate::wire::Xml;

/// Everything but RFC 3986's unreserved characters.
const RFC_3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A document as IAM returns it (API reference, `GetRolePolicy`: "URL-encoded compliant with RFC 3986").
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RFC_3986).to_string()
}

/// What every answer says of a role.
pub(super) fn basics(role: &Role) -> Vec<Xml> {
    vec![
        Xml::text("Path", role.path.as_str()),
        Xml::text("RoleName", role.name.as_str()),
        Xml::text("RoleId", role.id.as_str()),
        Xml::text("Arn", role.arn()),
        Xml::text("CreateDate", role.created.iso()),
        Xml::text("AssumeRolePolicyDocument", encoded(&role.trust)),
    ]
}

/// What `ListRoles` says of a role: no tags, no last use.
pub(super) fn listed(role: &Role) -> Vec<Xml> {
    let mut fields = basics(role);
    fields.extend(role.description.as_ref().map(|text| Xml::text("Description", text.as_str())));
    fields.push(Xml::text("MaxSessionDuration", role.max_session.to_string()));
    fields
}

/// What `GetRole` says of a role.
pub(super) fn whole(role: &Role) -> Vec<Xml> {
    let mut fields = listed(role);
    fields.extend(tags(&role.tags));
    fields.push(Xml::new("RoleLastUsed"));
    fields
}

/// Tags, if there are any.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Option<Xml> {
    (!tags.is_empty()).then(|| Xml::members("Tags", tags.iter().map(tag)))
}

/// One tag.
pub(super) fn tag((key, value): (&String, &String)) -> Vec<Xml> {
    vec![Xml::text("Key", key.as_str()), Xml::text("Value", value.as_str())]
}

/// `IsTruncated` and `Marker`.
pub(super) fn paging<T>(page: &Page<T>) -> Vec<Xml> {
    let mut fields = vec![Xml::text("IsTruncated", page.next.is_some().to_string())];
    fields.extend(page.next.as_ref().map(|next| Xml::text("Marker", next.as_str())));
    fields
}

/// A list of plain values.
pub(super) fn values<'a>(name: &'static str, items: impl IntoIterator<Item = &'a String>) -> Xml {
    Xml::new(name).with_all(items.into_iter().map(|item| Xml::text("member", item.as_str())))
}
