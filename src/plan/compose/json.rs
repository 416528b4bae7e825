//! Writes JSON-LD straight into a text: two or three blocks stand on every page.

/// A JSON object while it is being written.
pub struct Object(String);

impl Object {
    /// An object of schema.org that stands inside another one.
    pub fn of_type(name: &str) -> Self {
        Self("{".to_owned()).text("@type", name)
    }

    /// An object that stands by itself.
    pub fn in_context(context: &str) -> Self {
        Self("{".to_owned()).text("@context", context)
    }

    pub fn text(self, key: &str, text: &str) -> Self {
        let text = serde_json::to_string(text).expect("a text is always JSON");
        self.value(key, &text)
    }

    /// Adds nothing where there is no text.
    pub fn optional(self, key: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    /// Adds a value that is JSON already.
    pub fn value(mut self, key: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
        self.0.push_str(json);
        self
    }

    pub fn object(self, key: &str, object: Self) -> Self {
        let json = object.finish();
        self.value(key, &json)
    }

    pub fn list(self, key: &str, objects: impl IntoIterator<Item = Self>) -> Self {
        let objects: Vec<String> = objects.into_iter().map(Self::finish).collect();
        self.value(key, &format!("[{}]", objects.join(",")))
    }

    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    /// The object as a block of a page. No text in it may end the `<script>`.
    pub fn script(self, html: &mut String) {
        html.push_str("<script type=\"application/ld+json\">");
        let json = self.finish();
        let mut rest = json.as_str();
        while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
            html.push_str(&rest[..at]);
            html.push_str(if rest.as_bytes()[at] == b'<' { "\\u003c" } else { "\\u0026" });
            rest = &rest[at + 1..];
        }
        html.push_str(rest);
        html.push_str("</script>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn texts_are_escaped() {
        let mut html = String::new();
        Object::in_context("https://schema.org")
            .text("name", "“</script>” \"a\" & b\n")
            .object("publisher", Object::of_type("Organization").optional("name", None))
            .list("list", [Object::of_type("A"), Object::of_type("B")])
            .script(&mut html);
        let json = html
            .trim()
            .strip_prefix("<script type=\"application/ld+json\">")
            .and_then(|rest| rest.strip_suffix("</script>"));
        let json: serde_json::Value = serde_json::from_str(json.expect("one block")).expect("JSON");
        assert_eq!(json["name"], "“</script>” \"a\" & b\n");
        assert_eq!(json["publisher"]["@type"], "Organization");
        assert_eq!(json["list"][1]["@type"], "B");
    }
}
