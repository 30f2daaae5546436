#include "sftp_packet.hpp"

namespace toolkit::store::sftp {
namespace {

constexpr std::size_t kIdAt = 5;      // behind the length and the type
constexpr std::size_t kFieldsAt = 9;  // behind the number

void put_number(char* into, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *into++ = static_cast<char>(value >> shift & 0xff);
  }
}

void append_number(std::string& bytes, std::uint32_t value) {
  bytes.resize(bytes.size() + 4);
  put_number(&bytes[bytes.size() - 4], value);
}

// SSH_FILEXFER_ATTR_: section 5.
std::uint32_t flags_of(const Attributes& attributes) {
  return (attributes.size ? 1U : 0) | (attributes.uid && attributes.gid ? 2U : 0) |
         (attributes.mode ? 4U : 0) | (attributes.atime && attributes.mtime ? 8U : 0);
}

}  // namespace

Request::Request(Type type) : bytes_(kFieldsAt, '\0') {
  bytes_[kIdAt - 1] = static_cast<char>(type);
}

Request::Request(std::string_view extension) : Request(Type::extended) { text(extension); }

Request& Request::number(std::uint32_t value) {
  append_number(bytes_, value);
  return *this;
}

Request& Request::big_number(std::uint64_t value) {
  append_number(bytes_, static_cast<std::uint32_t>(value >> 32));
  append_number(bytes_, static_cast<std::uint32_t>(value));
  return *this;
}

Request& Request::text(std::string_view bytes) {
  append_number(bytes_, static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
  return *this;
}

Request& Request::attributes(const Attributes& attributes) {
  number(flags_of(attributes));
  if (attributes.size) {
    big_number(*attributes.size);
  }
  if (attributes.uid && attributes.gid) {
    number(*attributes.uid).number(*attributes.gid);
  }
  if (attributes.mode) {
    number(*attributes.mode);
  }
  if (attributes.atime && attributes.mtime) {
    number(*attributes.atime).number(*attributes.mtime);
  }
  return *this;
}

std::span<char> Request::data(std::size_t room) {
  data_at_ = bytes_.size() + 4;
  bytes_.resize(data_at_ + room);
  cut_data(room);
  return {&bytes_[data_at_], room};
}

void Request::cut_data(std::size_t used) {
  bytes_.resize(data_at_ + used);
  put_number(&bytes_[data_at_ - 4], static_cast<std::uint32_t>(used));
}

std::string Request::seal(std::uint32_t id) && {
  put_number(bytes_.data(), static_cast<std::uint32_t>(bytes_.size() - 4));
  put_number(&bytes_[kIdAt], id);
  return std::move(bytes_);
}

std::string init_packet() {
  std::string bytes;
  append_number(bytes, 5);
  bytes += static_cast<char>(Type::init);
  append_number(bytes, 3);
  return bytes;
}

}  // namespace toolkit::store::sftp
