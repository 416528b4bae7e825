//! Writes JSON-LD straight into a text: two or three blocks stand on every page.

/// A JSON object while it is being written.
pub struct Object(Vec<u8>);

impl Object {
    /// An object of schema.org that stands inside another one.
    pub fn of_type(name: &str) -> Self {
        Self::with_room(256).text("@type", name)
    }

    /// An object that stands by itself.
    pub fn in_context(context: &str) -> Self {
        Self::with_room(2048).text("@context", context)
    }

    fn with_room(bytes: usize) -> Self {
        let mut json = Vec::with_capacity(bytes);
        json.push(b'{');
        Self(json)
    }

    pub fn text(mut self, key: &str, text: &str) -> Self {
        self.key(key);
        serde_json::to_writer(&mut self.0, text).expect("a text is always JSON, and memory takes all");
        self
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
        self.key(key);
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    pub fn object(mut self, key: &str, object: Self) -> Self {
        self.key(key);
        self.close_in(object);
        self
    }

    pub fn list(mut self, key: &str, objects: impl IntoIterator<Item = Self>) -> Self {
        self.key(key);
        self.0.push(b'[');
        for (index, object) in objects.into_iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            self.close_in(object);
        }
        self.0.push(b']');
        self
    }

    /// One object stands by itself.
    pub fn one_or_list(self, key: &str, objects: Vec<Self>) -> Self {
        match <[Self; 1]>::try_from(objects) {
            Ok([object]) => self.object(key, object),
            Err(objects) => self.list(key, objects),
        }
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// Puts an object at the end, closed.
    fn close_in(&mut self, object: Self) {
        self.0.extend_from_slice(&object.0);
        self.0.push(b'}');
    }

    /// The object as a block of a page. No text in it may end the `<script>`.
    pub fn script(mut self, html: &mut String) {
        html.push_str("<script type=\"application/ld+json\">");
        self.0.push(b'}');
        let mut rest = simdutf8::basic::from_utf8(&self.0).expect("JSON of texts is one");
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
