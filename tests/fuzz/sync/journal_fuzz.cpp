// A journal is read whatever is in it, and what was read is written and read again as the same.
#include "src/sync/journal_file.hpp"
#include "src/sync/journal_format.hpp"
#include "src/sync/journal_scan.hpp"

#include <toolkit/net/checksum.hpp>

#include <unistd.h>

#include <cstdlib>

using namespace toolkit::sync;

namespace {

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// A whole record with that payload.
std::string framed(std::string_view payload) {
  std::string rest;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    rest += static_cast<char>(payload.size() >> shift);
  }
  rest += payload;
  std::string record(kJournalMark);
  for (unsigned shift = 0; shift < 32; shift += 8) {
    record += static_cast<char>(toolkit::net::crc32c(0, rest) >> shift);
  }
  return record + rest;
}

// What was decoded says the same when it is written anew; its numbers may then be shorter.
void check_record(std::string_view bytes) {
  const auto name = name_of(bytes);
  const auto record = decode(bytes);
  check(!record || (name && !name->forgotten && name->key == record->key));
  if (record) {
    const std::string again = encode(*record);
    check(frame_at(again).size == again.size() && again.size() <= bytes.size());
    check(decode(again) == record);
  }
}

void scan(std::string_view bytes) {
  static const int fd = make_nameless_journal()->release();
  check(::ftruncate(fd, 0) == 0 && write_at(fd, 0, bytes) == 0);
  JournalScan scan(fd, 0, bytes.size() + 7);  // it has become shorter since somebody looked
  std::uint64_t end = 0;
  while (const auto item = scan.next()) {
    check(item->offset >= end && item->offset + item->bytes.size() == scan.good_end());
    check(item->bytes == bytes.substr(item->offset, item->bytes.size()));
    check_record(item->bytes);
    end = scan.good_end();
  }
  check(end == scan.good_end() && end <= bytes.size() && scan.error() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scan(bytes);
  const std::string forgotten = encode_forgotten(bytes);
  check(name_of(forgotten)->key == bytes);
  // With a right checksum, what is behind it sees hostile bytes as well.
  const std::string hostile = framed(bytes);
  check(frame_at(hostile).size == hostile.size());
  scan(hostile + std::string(bytes.substr(0, size / 2)) + hostile);
  return 0;
}
