#include "srv_answer.hpp"

#include "address.hpp"

#include <ares.h>
#include <arpa/nameser.h>
#include <strings.h>

#include <cstring>
#include <string>

namespace toolkit::net {
namespace {

constexpr std::size_t kHeaderSize = 12;   // RFC 1035, 4.1.1
constexpr std::size_t kQuestionRest = 4;  // type and class behind the name
constexpr std::size_t kRecordRest = 10;   // type, class, TTL, length of the data
constexpr std::size_t kServicePlain = 6;  // RFC 2782: priority, weight, port; then the target

struct ResourceRecord {
  std::string name;
  int type = 0;
  std::size_t data = 0;  // where its data begin
  std::size_t size = 0;
};

// Reads a DNS message from its front; every step fails at the end of the bytes.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> message) : message_(message) {}

  [[nodiscard]] unsigned number_at(std::size_t at) const {
    return at + 2 > message_.size() ? 0U : (unsigned{message_[at]} << 8) | message_[at + 1];
  }

  // A name with its compression undone (c-ares bounds the jumps), and its size where it stands.
  [[nodiscard]] std::optional<std::pair<std::string, std::size_t>> name_at(std::size_t at) const {
    char* text = nullptr;
    long size = 0;
    if (at >= message_.size() ||
        ares_expand_name(message_.data() + at, message_.data(), static_cast<int>(message_.size()),
                         &text, &size) != ARES_SUCCESS) {
      return std::nullopt;
    }
    std::pair<std::string, std::size_t> found(text, static_cast<std::size_t>(size));
    ares_free_string(text);
    return found;
  }

  [[nodiscard]] bool skip_question() {
    const auto name = name_at(at_);
    at_ += name ? name->second + kQuestionRest : 0;
    return name && at_ <= message_.size();
  }

  [[nodiscard]] std::optional<ResourceRecord> take_record() {
    const auto name = name_at(at_);
    if (!name || at_ + name->second + kRecordRest > message_.size()) {
      return std::nullopt;
    }
    at_ += name->second;
    ResourceRecord record{name->first, static_cast<int>(number_at(at_)), at_ + kRecordRest,
                          number_at(at_ + 8)};
    at_ = record.data + record.size;
    return at_ <= message_.size() ? std::optional(record) : std::nullopt;
  }

  template <typename Form>
  [[nodiscard]] Form copy_at(std::size_t at) const {
    Form form{};
    std::memcpy(&form, message_.data() + at, sizeof form);
    return form;
  }

 private:
  std::span<const unsigned char> message_;
  std::size_t at_ = kHeaderSize;
};

// The first address of a target among the records; one of size 0 when there is none.
Address address_among(const Reader& reader, const std::vector<ResourceRecord>& records,
                      const std::string& target, std::uint16_t port) {
  for (const ResourceRecord& record : records) {
    if (::strcasecmp(record.name.c_str(), target.c_str()) != 0) {
      continue;
    }
    if (record.type == ns_t_a && record.size == sizeof(in_addr)) {
      return address_of(reader.copy_at<in_addr>(record.data), port);
    }
    if (record.type == ns_t_aaaa && record.size == sizeof(in6_addr)) {
      return address_of(reader.copy_at<in6_addr>(record.data), port);
    }
  }
  return {};
}

}  // namespace

std::optional<std::vector<Address>> parse_srv_answer(std::span<const unsigned char> message) {
  Reader reader(message);
  if (message.size() < kHeaderSize) {
    return std::nullopt;
  }
  for (unsigned left = reader.number_at(4); left > 0; --left) {
    if (!reader.skip_question()) {
      return std::nullopt;
    }
  }
  const unsigned answers = reader.number_at(6);
  const unsigned all = answers + reader.number_at(8) + reader.number_at(10);
  std::vector<ResourceRecord> records;
  while (records.size() < all) {
    auto record = reader.take_record();
    if (!record) {
      return std::nullopt;
    }
    records.push_back(std::move(*record));
  }
  std::vector<Address> found;
  for (std::size_t i = 0; i < answers; ++i) {
    if (records[i].type != ns_t_srv) {
      continue;  // a CNAME on the way
    }
    const auto target = reader.name_at(records[i].data + kServicePlain);
    if (records[i].size <= kServicePlain || !target) {
      return std::nullopt;
    }
    const auto port = static_cast<std::uint16_t>(reader.number_at(records[i].data + 4));
    found.push_back(address_among(reader, records, target->first, port));
  }
  return found;
}

}  // namespace toolkit::net
