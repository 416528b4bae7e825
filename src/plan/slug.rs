#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);
impl Slug {
    pub fn parse(text: &str) -> Option<Slug> { Some(Slug(text.to_owned())) }
    pub fn transliterate(text: &str) -> Slug { Slug(text.to_owned()) }
    pub fn as_str(&self) -> &str { &self.0 }
}
impl std::fmt::Display for Slug { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) } }
