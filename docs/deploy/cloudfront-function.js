// CloudFront Function for the event "viewer request", runtime cloudfront-js-2.0: an address that ends in / is answered
// with the index.html there, since a private bucket knows no index documents.
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith("/")) {
    request.uri += "index.html";
  }
  return request;
}
