// Any bytes as an S3 server's answer: objects with keys, or an error.
#include <src/store/s3_snapshot.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolkit::store;
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  if (const auto page = parse_object_page(xml)) {
    S3Snapshot snapshot;
    snapshot.add(page->objects);
    snapshot.finish(page->next.empty());
    for (const auto& entry : snapshot.list("")) {
      if (entry.name.empty() || entry.name.find('/') != std::string::npos) {
        std::abort();
      }
    }
  }
  if (const auto page = parse_part_page(xml)) {
    (void)complete_text(page->parts);
  }
  (void)parse_uploads(xml);
  return 0;
}
