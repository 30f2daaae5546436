// Any bytes as what an SFTP server sends, whole and byte by byte: the answers are the same, and no
// parser finds in one more than is there.
#include <src/store/sftp_path.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::store::sftp;

namespace {

void require(bool good) {
  if (!good) {
    std::abort();
  }
}

std::vector<Reply> cut(std::string_view bytes, std::size_t step) {
  FrameReader reader;
  std::vector<Reply> replies;
  while (!bytes.empty()) {
    reader.add(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    while (auto reply = reader.next()) {
      replies.push_back(std::move(*reply));
    }
  }
  return replies;
}

void parse(const Reply& reply) {
  const auto data = parse_data(reply);
  require(!data || data->size() + 4 <= reply.body.size());
  const auto names = parse_names(reply);
  require(!names || names->size() * 12 <= reply.body.size());
  for (const NameReply& name : names.value_or(std::vector<NameReply>())) {
    (void)entry_of(name.name, name.attributes, name.long_name);
  }
  const auto version = parse_version(reply);
  require(!version || version->extensions.size() * 8 <= reply.body.size());
  const auto handle = parse_handle(reply);
  require(!handle || handle->size() <= reply.body.size());
  const auto status = parse_status(reply);
  require(!status || status->words.size() <= reply.body.size());
  (void)parse_attributes(reply);
  (void)parse_limits(reply);
  (void)parse_space(reply);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = cut(bytes, size + 1);
  const auto pieces = cut(bytes, 1);
  require(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    require(whole[i].type == pieces[i].type && whole[i].id == pieces[i].id &&
            whole[i].body == pieces[i].body);
    parse(whole[i]);
  }
  return 0;
}
