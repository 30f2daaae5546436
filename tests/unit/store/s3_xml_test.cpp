#include <doctest/doctest.h>
#include <src/store/s3_xml.hpp>

#include <string>

using namespace toolkit::store;

namespace {

std::string listing(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         inside + "</ListBucketResult>";
}
std::string object(const std::string& key, const std::string& size = "5") {
  return "<Contents><Key>" + key + "</Key><LastModified>2026-11-23T12:29:26.883Z</LastModified>" +
         "<ETag>&quot;0123&quot;</ETag><Size>" + size +
         "</Size><StorageClass>STANDARD</StorageClass></Contents>";
}
const std::string kAll = "<IsTruncated>false</IsTruncated>";

}  // namespace

TEST_CASE("a page of objects with what lies below them") {
  const auto page =
      parse_object_page(listing("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" +
                                object("a%20b%2Bc/x%01") + object("d", "18446744073709551") +
                                "<CommonPrefixes><Prefix>e%2Ff/</Prefix></CommonPrefixes>"
                                "<NextContinuationToken>to&amp;ken</NextContinuationToken>"));
  REQUIRE(page);
  REQUIRE(page->objects.size() == 2);
  CHECK(page->objects[0].key == "a b+c/x\x01");
  CHECK(page->objects[0].size == 5);
  CHECK(page->objects[0].etag == "0123");
  CHECK(page->objects[0].modified == 1'795'436'966'883'000'000);
  CHECK(page->objects[1].size == 18'446'744'073'709'551);
  CHECK(page->prefixes == std::vector<std::string>{"e/f/"});
  CHECK(page->next == "to&ken");
}

TEST_CASE("keys are taken as they are where the server did not escape them") {
  const auto page = parse_object_page(listing(kAll + object("a%20b+c &lt;&#x4e;&gt;")));
  REQUIRE(page);
  CHECK(page->objects[0].key == "a%20b+c <N>");
  const auto blank = parse_object_page(listing(kAll + object(" ")));
  REQUIRE(blank);
  CHECK(blank->objects[0].key == " ");
}

TEST_CASE("an answer that is not wholly understood is no empty listing") {
  for (const std::string& bad : {
           std::string(),
           std::string("hello"),
           std::string("<html><body>Proxy</body></html>"),
           std::string("<ListBucketResult>"),
           std::string("<Error><Code>AccessDenied</Code></Error>"),
           listing(""),                                          // does not say whether that is all
           listing("<IsTruncated>maybe</IsTruncated>"),          //
           listing("<IsTruncated>true</IsTruncated>"),           // more, and no way to it
           listing(kAll + object("")),                           //
           listing(kAll + object("a", "")),                      //
           listing(kAll + object("a", "-1")),                    //
           listing(kAll + object("a", "1e3")),                   //
           listing(kAll + object("a", "99999999999999999999")),  //
           listing(kAll + "<Contents><Key>a</Key><Size>1</Size></Contents>"),
           listing(kAll + "<CommonPrefixes></CommonPrefixes>"),
           listing(kAll + object("a")).substr(0, 200),
           listing("<EncodingType>url</EncodingType>" + kAll + object("a%00b")),
       }) {
    CAPTURE(bad);
    CHECK_FALSE(parse_object_page(bad));
  }
}

TEST_CASE("entities that a document declares itself are not expanded") {
  const auto page = parse_object_page(
      "<!DOCTYPE x [<!ENTITY big \"aaaaaaaaaa\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>" +
      listing(kAll + object("&big;&f;")));
  REQUIRE(page);
  CHECK(page->objects[0].key == "&big;&f;");
}

TEST_CASE("parts of an upload") {
  const auto page = parse_part_page(
      "<ListPartsResult><NextPartNumberMarker>2</NextPartNumberMarker>"
      "<IsTruncated>true</IsTruncated>"
      "<Part><PartNumber>1</PartNumber><ETag>\"ab\"</ETag><Size>5242880</Size></Part>"
      "<Part><PartNumber>2</PartNumber><ETag>cd</ETag><Size>7</Size></Part></ListPartsResult>");
  REQUIRE(page);
  REQUIRE(page->parts.size() == 2);
  CHECK(page->parts[0].etag == "ab");
  CHECK(page->parts[1].number == 2);
  CHECK(page->parts[1].size == 7);
  CHECK(page->next == 2);
  for (const char* bad :
       {"<ListPartsResult/>", "<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>",
        "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>0</PartNumber><ETag>a"
        "</ETag><Size>1</Size></Part></ListPartsResult>",
        "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber>"
        "<Size>1</Size></Part></ListPartsResult>"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_part_page(bad));
  }
}

TEST_CASE("uploads under way") {
  const auto uploads = parse_uploads(
      "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>m</Key>"
      "<UploadId>2~5l</UploadId><Initiated>1970-01-01T00:00:01Z</Initiated></Upload>"
      "</ListMultipartUploadsResult>");
  REQUIRE(uploads);
  REQUIRE(uploads->size() == 1);
  CHECK(uploads->front().id == "2~5l");
  CHECK(uploads->front().started == 1'000'000'000);
  CHECK_FALSE(parse_uploads("<Error/>"));
}

TEST_CASE("what completes an upload names its parts, and no tag can break out of it") {
  CHECK(complete_text({{1, 5, "ab"}, {2, 6, "<&"}}) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>&quot;ab&quot;</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>&quot;&lt;&amp;&quot;</ETag></Part>"
        "</CompleteMultipartUpload>");
}
