#include "sftp_reply.hpp"

#include <algorithm>

namespace toolkit::store::sftp {
namespace {

// OpenSSH's servers and clients stop at 256 KiB; others have sent more.
constexpr std::size_t kLongestPacket = 1 << 20;

/// Reads fields one after the other; after the first that is not whole all are empty.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t number() {
    std::uint32_t value = 0;
    for (const char byte : take(4)) {
      value = value << 8 | static_cast<unsigned char>(byte);
    }
    return value;
  }
  std::uint64_t big_number() {
    const std::uint64_t high = number();
    return high << 32 | number();
  }
  std::string_view text() { return take(number()); }

  Attributes attributes() {
    Attributes result;
    const std::uint32_t flags = number();
    if ((flags & 1) != 0) {
      result.size = big_number();
    }
    if ((flags & 2) != 0) {
      result.uid = number();
      result.gid = number();
    }
    if ((flags & 4) != 0) {
      result.mode = number();
    }
    if ((flags & 8) != 0) {
      result.atime = number();
      result.mtime = number();
    }
    if ((flags & 0x80000000) != 0) {
      skip_extended();
    }
    return result;
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    good_ = good_ && count <= rest_.size();
    if (!good_) {
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  void skip_extended() {
    for (std::uint32_t left = number(); left > 0 && good_; --left) {
      text();
      text();
    }
  }

  std::string_view rest_;
  bool good_ = true;
};

template <typename Value>
std::optional<Value> if_good(const Fields& fields, Value value) {
  return fields.good() ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace

std::optional<Reply> FrameReader::next() {
  const auto left = rest();
  if (broken_ || left.size() < 4) {
    return std::nullopt;
  }
  const std::size_t length = Fields(left).number();
  broken_ = length < 5 || length > kLongestPacket;
  if (broken_) {
    return std::nullopt;
  }
  if (left.size() < 4 + length) {
    bytes_.erase(0, used_);
    used_ = 0;
    return std::nullopt;
  }
  Reply reply;
  reply.type = static_cast<Type>(left[4]);
  const bool is_version = reply.type == Type::version;
  reply.id = is_version ? 0 : Fields(left.substr(5)).number();
  const std::size_t begin = is_version ? 5 : 9;
  reply.body = left.substr(begin, 4 + length - begin);
  used_ += 4 + length;
  if (used_ == bytes_.size()) {
    bytes_.clear();
    used_ = 0;
  }
  return reply;
}

std::optional<StatusReply> parse_status(const Reply& reply) {
  if (reply.type != Type::status) {
    return std::nullopt;
  }
  Fields fields(reply.body);
  const auto code = static_cast<Status>(fields.number());
  // Servers of versions before 3 send no words.
  StatusReply result{code, fields.at_end() ? std::string() : std::string(fields.text())};
  return if_good(fields, std::move(result));
}

std::optional<std::string> parse_handle(const Reply& reply) {
  Fields fields(reply.body);
  std::string handle(fields.text());
  return reply.type == Type::handle ? if_good(fields, std::move(handle)) : std::nullopt;
}

std::optional<std::string_view> parse_data(const Reply& reply) {
  Fields fields(reply.body);
  const auto bytes = fields.text();
  return reply.type == Type::data ? if_good(fields, bytes) : std::nullopt;
}

std::optional<std::vector<NameReply>> parse_names(const Reply& reply) {
  if (reply.type != Type::name) {
    return std::nullopt;
  }
  Fields fields(reply.body);
  std::vector<NameReply> names;
  for (std::uint32_t left = fields.number(); left > 0 && fields.good(); --left) {
    NameReply& name = names.emplace_back();
    name.name = fields.text();
    name.long_name = fields.text();
    name.attributes = fields.attributes();
  }
  return if_good(fields, std::move(names));
}

std::optional<Attributes> parse_attributes(const Reply& reply) {
  if (reply.type != Type::attributes) {
    return std::nullopt;
  }
  Fields fields(reply.body);
  const auto attributes = fields.attributes();
  return if_good(fields, attributes);
}

std::optional<VersionReply> parse_version(const Reply& reply) {
  if (reply.type != Type::version) {
    return std::nullopt;
  }
  Fields fields(reply.body);
  VersionReply result{fields.number(), {}};
  while (!fields.at_end() && fields.good()) {
    const std::string name(fields.text());
    result.extensions[name] = fields.text();
  }
  return if_good(fields, std::move(result));
}

std::optional<LimitsReply> parse_limits(const Reply& reply) {
  Fields fields(reply.body);
  LimitsReply limits;
  for (auto* const field : {&limits.packet, &limits.read, &limits.write, &limits.handles}) {
    *field = fields.big_number();
  }
  return reply.type == Type::extended_reply ? if_good(fields, limits) : std::nullopt;
}

std::optional<SpaceReply> parse_space(const Reply& reply) {
  // f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail f_fsid f_flag f_namemax
  Fields fields(reply.body);
  std::uint64_t values[11];
  for (std::uint64_t& value : values) {
    value = fields.big_number();
  }
  return reply.type == Type::extended_reply
             ? if_good(fields, SpaceReply{values[1] * values[4], values[7]})
             : std::nullopt;
}

}  // namespace toolkit::store::sftp
