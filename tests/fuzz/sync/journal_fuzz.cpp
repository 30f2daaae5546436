// A journal is read whatever is in it, and what was read is written and read again as the same.
#include "src/sync/journal_format.hpp"

#include <cstdlib>

using namespace toolkit::sync;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  JournalReader reader(bytes);
  while (const auto item = reader.next()) {
    if (reader.good_end() > size || item->second > size) {
      std::abort();
    }
    const std::string again = encode(item->first);
    if (again.size() != item->second) {
      std::abort();
    }
    if (!JournalReader(again).next()) {
      std::abort();
    }
  }
  // With a right checksum: what is behind it sees hostile bytes as well.
  NoteRecord note{std::string(bytes.substr(0, size / 2)), std::string(bytes.substr(size / 2))};
  const std::string framed = encode(note);
  const auto read = JournalReader(framed).next();
  if (!read || std::get<NoteRecord>(read->first).name != note.name) {
    std::abort();
  }
  return 0;
}
