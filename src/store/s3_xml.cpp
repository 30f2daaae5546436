#include "s3_xml.hpp"

#include "s3_text.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <pugixml.hpp>

namespace toolkit::store {
namespace {

Failure no_listing(std::string_view why) {
  return fail(ErrorKind::failed, fmt::format("an answer that is no listing: {}", why));
}

std::string_view text_of(const pugi::xml_node& node, const char* name) {
  return node.child(name).text().get();
}

std::optional<std::uint64_t> number_of(const pugi::xml_node& node, const char* name) {
  const auto number = parse_whole(trim(text_of(node, name)));
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

// The document's root, if it has this name. Only entities are undone: no DTD is read.
Result<pugi::xml_node> root_of(pugi::xml_document& document, std::string_view xml,
                               const char* name) {
  constexpr unsigned kHow =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_ws_pcdata_single;
  const auto parsed = document.load_buffer(xml.data(), xml.size(), kHow, pugi::encoding_utf8);
  if (!parsed) {
    return no_listing(parsed.description());
  }
  const pugi::xml_node root = document.child(name);
  return root ? Result<pugi::xml_node>(root) : no_listing(fmt::format("no <{}> in it", name));
}

// Some keys have bytes that XML cannot carry, so they are asked for escaped; not all servers
// listen.
class KeyText {
 public:
  explicit KeyText(const pugi::xml_node& root)
      : escaped_(trim(text_of(root, "EncodingType")) == "url") {}
  [[nodiscard]] std::string operator()(std::string_view text) const {
    return escaped_ ? unescape_key(text) : std::string(text);
  }

 private:
  bool escaped_;
};

Result<S3Object> object_of(const pugi::xml_node& node, const KeyText& key_of) {
  const auto size = number_of(node, "Size");
  const auto modified = parse_s3_time(trim(text_of(node, "LastModified")));
  S3Object object{key_of(text_of(node, "Key")), size.value_or(0), modified.value_or(0),
                  std::string(bare_tag(text_of(node, "ETag")))};
  if (object.key.empty() || object.key.find('\0') != std::string::npos) {
    return no_listing("an object without a key");
  }
  if (!size || !modified) {
    return no_listing(fmt::format("no size or time of {}", printable(object.key)));
  }
  return object;
}

Result<S3Part> part_of(const pugi::xml_node& node) {
  const auto number = number_of(node, "PartNumber");
  const auto size = number_of(node, "Size");
  std::string etag(bare_tag(text_of(node, "ETag")));
  if (!number || *number < 1 || *number > 10'000 || !size || etag.empty()) {
    return no_listing("a part without a number, a size or a tag");
  }
  return S3Part{static_cast<std::uint32_t>(*number), *size, std::move(etag)};
}

// "true" and "false", and nothing else may decide whether there is more.
Result<bool> is_truncated(const pugi::xml_node& root) {
  const std::string_view text = trim(text_of(root, "IsTruncated"));
  if (text != "true" && text != "false") {
    return no_listing("it does not say whether it is all");
  }
  return text == "true";
}

}  // namespace

Result<S3ObjectPage> parse_object_page(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const auto root, root_of(document, xml, "ListBucketResult"));
  const KeyText key_of(root);
  S3ObjectPage page;
  for (const auto& node : root.children("Contents")) {
    TRY_ASSIGN(auto object, object_of(node, key_of));
    page.objects.push_back(std::move(object));
  }
  for (const auto& node : root.children("CommonPrefixes")) {
    page.prefixes.push_back(key_of(text_of(node, "Prefix")));
    if (page.prefixes.back().empty()) {
      return no_listing("an empty common prefix");
    }
  }
  TRY_ASSIGN(const bool more, is_truncated(root));
  page.next = more ? text_of(root, "NextContinuationToken") : "";
  if (more && page.next.empty()) {
    return no_listing("there is more, and no token to ask for it");
  }
  return page;
}

Result<S3PartPage> parse_part_page(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const auto root, root_of(document, xml, "ListPartsResult"));
  S3PartPage page;
  for (const auto& node : root.children("Part")) {
    TRY_ASSIGN(auto part, part_of(node));
    page.parts.push_back(std::move(part));
  }
  TRY_ASSIGN(const bool more, is_truncated(root));
  const auto next = number_of(root, "NextPartNumberMarker");
  if (more && (!next || *next < 1 || *next > 10'000)) {
    return no_listing("there are more parts, and no marker to ask for them");
  }
  page.next = more ? static_cast<std::uint32_t>(*next) : 0;
  return page;
}

Result<std::vector<S3Upload>> parse_uploads(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const auto root, root_of(document, xml, "ListMultipartUploadsResult"));
  const KeyText key_of(root);
  std::vector<S3Upload> uploads;
  for (const auto& node : root.children("Upload")) {
    uploads.push_back({key_of(text_of(node, "Key")), std::string(text_of(node, "UploadId")),
                       parse_s3_time(trim(text_of(node, "Initiated"))).value_or(0)});
    if (uploads.back().key.empty() || uploads.back().id.empty()) {
      return no_listing("an upload without a key or an id");
    }
  }
  return uploads;
}

std::string complete_text(const std::vector<S3Part>& parts) {
  std::string text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const S3Part& part : parts) {
    text += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;", part.number);
    for (const char c : part.etag) {  // from the server: escaped again
      text += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
    }
    text += "&quot;</ETag></Part>";
  }
  return text + "</CompleteMultipartUpload>";
}

}  // namespace toolkit::store
