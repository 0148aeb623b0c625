//! The element card in a browser: one page, its style and its script, and nothing from elsewhere.
//!
//! Only bytes to serve: the page talks to the API like any other client.
//!
//! Rules: DSP-21, TBL-141.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A file of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Where it is served.
    pub path: &'static str,
    /// What it is.
    pub content_type: &'static str,
    /// The file itself.
    pub body: &'static str,
    /// Changes with the content, quoted as the header wants it.
    pub etag: String,
}

/// The files: path, content type, content.
const FILES: [(&str, &str, &str); 4] = [
    ("/card.svg", "image/svg+xml", include_str!("assets/card.svg")),
    ("/", "text/html; charset=utf-8", include_str!("assets/card.html")),
    ("/card.css", "text/css; charset=utf-8", include_str!("assets/card.css")),
    (
        "/card.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/card.js"),
    ),
];

/// The page and the files that it asks for.
#[must_use]
pub fn assets() -> Vec<Asset> {
    let asset = |(path, content_type, body): (&'static str, &'static str, &'static str)| {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        Asset {
            path,
            content_type,
            body,
            etag: format!("\"{:016x}\"", hasher.finish()),
        }
    };
    FILES.into_iter().map(asset).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dsp_21_five_schemes_are_links_and_no_others() {
        let script = include_str!("assets/card.js");
        let schemes = "const SCHEMES = [\"http:\", \"https:\", \"ftp:\", \"file:\", \"mailto:\"];";
        assert!(script.contains(schemes));
        // Texts are set as text, which nothing runs; an address is set in one place, behind the schemes.
        assert_eq!(script.matches("href").count(), 1);
        assert!(!script.contains("innerHTML") && !script.contains("insertAdjacentHTML"));
    }
}
