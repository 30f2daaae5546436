#include "journal_format.hpp"

#include <array>

namespace toolkit::sync {
namespace {

constexpr std::string_view kMark = "\xF5TKJ";
constexpr std::size_t kFrame = 12;  // before the payload
constexpr std::size_t kLongest = 1 << 20;

enum class Form : unsigned char { file = 1, forget = 2, note = 3 };

// CRC-32 as of zlib: ISO 3309, reflected polynomial 0xEDB88320.
constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    table[i] = value;
  }
  return table;
}();

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    value = kTable[(value ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (value >> 8U);
  }
  return ~value;
}

class Writer {
 public:
  void number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      bytes += static_cast<char>(value >> (8U * i));
    }
  }
  void text(std::string_view value) {
    number(value.size(), 4);
    bytes += value;
  }
  void window(const Window& value) {
    number(value.length, 4);
    number(value.hash.high, 8);
    number(value.hash.low, 8);
  }
  std::string bytes;
};

// Past the end every answer is 0 or empty, and `good` is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(unsigned size) {
    std::uint64_t value = 0;
    const std::string_view piece = take(size);
    for (std::size_t i = 0; i < piece.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(piece[i])} << (8U * i);
    }
    return value;
  }
  std::string text() { return std::string(take(number(4))); }
  Window window() {
    Window value;
    value.length = static_cast<std::uint32_t>(number(4));
    value.hash.high = number(8);
    value.hash.low = number(8);
    return value;
  }
  [[nodiscard]] bool is_at_end() const { return good_ && bytes_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view piece = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return piece;
  }
  std::string_view bytes_;
  bool good_ = true;
};

void write(Writer& out, const FileRecord& record) {
  out.number(static_cast<unsigned>(Form::file), 1);
  out.text(record.key);
  out.number(record.identity.device, 8);
  out.number(record.identity.inode, 8);
  out.number(record.proven, 8);
  out.number(static_cast<std::uint64_t>(record.mtime), 8);
  out.window(record.head);
  out.window(record.marker);
  out.text(record.memo);
  out.number(record.generation, 4);
}
void write(Writer& out, const ForgetRecord& record) {
  out.number(static_cast<unsigned>(Form::forget), 1);
  out.text(record.key);
}
void write(Writer& out, const NoteRecord& record) {
  out.number(static_cast<unsigned>(Form::note), 1);
  out.text(record.name);
  out.text(record.value);
}

FileRecord read_file_record(Reader& in) {
  FileRecord record;
  record.key = in.text();
  record.identity.device = in.number(8);
  record.identity.inode = in.number(8);
  record.proven = in.number(8);
  record.mtime = static_cast<std::int64_t>(in.number(8));
  record.head = in.window();
  record.marker = in.window();
  record.memo = in.text();
  record.generation = static_cast<std::uint32_t>(in.number(4));
  return record;
}

std::optional<JournalRecord> decode(std::string_view payload) {
  Reader in(payload);
  std::optional<JournalRecord> record;
  switch (static_cast<Form>(in.number(1))) {
    case Form::file:
      record = read_file_record(in);
      break;
    case Form::forget:
      record = ForgetRecord{in.text()};
      break;
    case Form::note: {
      std::string name = in.text();
      record = NoteRecord{std::move(name), in.text()};
      break;
    }
  }
  return in.is_at_end() ? record : std::nullopt;  // also a form that a later version may have
}

// The record that begins here, if one does.
std::optional<std::pair<JournalRecord, std::size_t>> record_at(std::string_view bytes) {
  if (bytes.size() < kFrame || bytes.substr(0, kMark.size()) != kMark) {
    return std::nullopt;
  }
  Reader frame(bytes.substr(kMark.size(), 8));
  const std::uint64_t length = frame.number(4);
  const std::uint64_t sum = frame.number(4);
  if (length > kLongest || length > bytes.size() - kFrame) {
    return std::nullopt;
  }
  const std::string_view payload = bytes.substr(kFrame, length);
  if (crc32(std::string(bytes.substr(kMark.size(), 4)).append(payload)) != sum) {
    return std::nullopt;
  }
  auto record = decode(payload);
  return record ? std::optional(std::pair(std::move(*record), kFrame + length)) : std::nullopt;
}

}  // namespace

std::string encode(const JournalRecord& record) {
  Writer payload;
  std::visit([&](const auto& form) { write(payload, form); }, record);
  Writer length;
  length.number(payload.bytes.size(), 4);
  Writer out;
  out.bytes = kMark;
  out.bytes += length.bytes;
  out.number(crc32(length.bytes + payload.bytes), 4);
  out.bytes += payload.bytes;
  return out.bytes;
}

std::optional<std::pair<JournalRecord, std::size_t>> JournalReader::next() {
  for (std::size_t at = good_end_; at < bytes_.size(); ++at) {
    at = bytes_.find(kMark, at);
    if (at == std::string_view::npos) {
      break;
    }
    if (auto record = record_at(bytes_.substr(at))) {
      corrupt_ += at != good_end_ ? 1U : 0U;
      good_end_ = at + record->second;
      return record;
    }
  }
  return std::nullopt;
}

}  // namespace toolkit::sync
