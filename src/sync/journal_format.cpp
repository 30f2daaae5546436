#include "journal_format.hpp"

#include <toolkit/net/checksum.hpp>

#include <algorithm>

namespace toolkit::sync {
namespace {

constexpr std::size_t kSumEnd = 8;  // of mark and checksum
constexpr std::size_t kFrame = 12;  // before the payload

enum class Form : unsigned char { file = 1, forgotten = 2 };

class Writer {
 public:
  explicit Writer(Form form) {
    bytes_.reserve(128);
    bytes_ = kJournalMark;
    bytes_.append(kFrame - bytes_.size(), '\0');
    bytes_ += static_cast<char>(form);
  }
  void number(std::uint64_t value) {
    for (; value > 0x7F; value >>= 7U) {
      bytes_ += static_cast<char>(value | 0x80U);
    }
    bytes_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void window(const Window& value) {
    number(value.length);
    bytes_.append(16, '\0');
    put(bytes_.size() - 16, value.hash.high, 8);
    put(bytes_.size() - 8, value.hash.low, 8);
  }
  std::string finish() && {
    put(kSumEnd, bytes_.size() - kFrame, 4);
    put(kJournalMark.size(), net::crc32c(0, std::string_view(bytes_).substr(kSumEnd)), 4);
    return std::move(bytes_);
  }

 private:
  void put(std::size_t at, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      bytes_[at + i] = static_cast<char>(value >> (8U * i));
    }
  }
  std::string bytes_;
};

// Past the end every answer is 0 or empty, and it is never at its end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t fixed(unsigned size) {
    const std::string_view piece = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(piece[i])} << (8U * i);
    }
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = fixed(1);
      value |= (byte & 0x7FU) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    good_ = false;
    return 0;
  }
  std::string_view text() { return take(number()); }
  Window window() {
    Window value;
    value.length = static_cast<std::uint32_t>(number());
    value.hash.high = fixed(8);
    value.hash.low = fixed(8);
    return value;
  }
  [[nodiscard]] bool good() const { return good_; }
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

std::string_view payload_of(std::string_view record) {
  return record.substr(std::min(record.size(), kFrame));
}

}  // namespace

std::string encode(const FileRecord& record) {
  Writer out(Form::file);
  out.text(record.key);
  out.number(record.identity.device);
  out.number(record.identity.inode);
  out.number(record.proven);
  out.number(static_cast<std::uint64_t>(record.mtime));
  out.window(record.head);
  out.window(record.marker);
  out.text(record.memo);
  return std::move(out).finish();
}

std::string encode_forgotten(std::string_view key) {
  Writer out(Form::forgotten);
  out.text(key);
  return std::move(out).finish();
}

Frame frame_at(std::string_view bytes) {
  const std::size_t compared = std::min(bytes.size(), kJournalMark.size());
  if (bytes.substr(0, compared) != kJournalMark.substr(0, compared)) {
    return {};
  }
  if (bytes.size() < kFrame) {
    return {Frame::Is::cut_off, 0};
  }
  Reader frame(bytes.substr(kJournalMark.size(), kFrame - kJournalMark.size()));
  const std::uint64_t sum = frame.fixed(4);
  const std::uint64_t size = kFrame + frame.fixed(4);
  if (size > kLongestRecord) {
    return {};
  }
  if (size > bytes.size()) {
    return {Frame::Is::cut_off, 0};
  }
  const bool good = net::crc32c(0, bytes.substr(kSumEnd, size - kSumEnd)) == sum;
  return good ? Frame{Frame::Is::record, size} : Frame{};
}

std::optional<RecordName> name_of(std::string_view record) {
  Reader in(payload_of(record));
  const auto form = static_cast<Form>(in.fixed(1));
  const std::string_view key = in.text();
  if (!in.good() || (form != Form::file && form != Form::forgotten)) {
    return std::nullopt;
  }
  return RecordName{key, form == Form::forgotten};
}

std::optional<FileRecord> decode(std::string_view bytes) {
  Reader in(payload_of(bytes));
  if (static_cast<Form>(in.fixed(1)) != Form::file) {
    return std::nullopt;
  }
  FileRecord record;
  record.key = in.text();
  record.identity.device = in.number();
  record.identity.inode = in.number();
  record.proven = in.number();
  record.mtime = static_cast<std::int64_t>(in.number());
  record.head = in.window();
  record.marker = in.window();
  record.memo = in.text();
  return in.is_at_end() ? std::optional(std::move(record)) : std::nullopt;
}

}  // namespace toolkit::sync
