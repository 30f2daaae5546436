// Any mountinfo and any path, parted by a NUL: an answer.
#include <src/probe/mount_table.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto middle = text.find('\0');
  const std::string path = toolkit::probe::plain_path(text.substr(0, middle), "/some/directory");
  if (toolkit::probe::plain_path(path, "/") != path) {
    std::abort();
  }
  (void)toolkit::probe::mounted_at(middle == text.npos ? text : text.substr(middle + 1), path);
  return 0;
}
