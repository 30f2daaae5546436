#include "wire.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace toolkit::waiting {
namespace {

using Length = std::uint32_t;

template <typename T>
requires std::is_trivially_copyable_v<T>
void put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put(std::string& bytes, const std::string& text) {
  put(bytes, static_cast<Length>(text.size()));
  bytes += text;
}

template <typename T>
requires std::is_trivially_copyable_v<T>
void take(std::string_view& bytes, T& value) {
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
}

void take(std::string_view& bytes, std::string& text) {
  Length length = 0;
  take(bytes, length);
  text = bytes.substr(0, length);
  bytes.remove_prefix(length);
}

// The one list of what goes over, for both directions.
template <typename Bytes, typename Leaf, typename Field>
void each_field(Bytes& bytes, Leaf& leaf, Field field) {
  field(bytes, leaf.text);
  field(bytes, leaf.finding.met);
  field(bytes, leaf.finding.final);
  field(bytes, leaf.finding.reason);
  field(bytes, leaf.finding.words);
  field(bytes, leaf.finding.exit_code);
  field(bytes, leaf.attempts);
  field(bytes, leaf.answered);
  field(bytes, leaf.negated);
  field(bytes, leaf.age_seconds);
}

template <typename Bytes, typename Whole, typename Field>
void each_number(Bytes& bytes, Whole& message, Field field) {
  field(bytes, message.last);
  field(bytes, message.report.ending);
  field(bytes, message.report.exit_code);
  field(bytes, message.report.signal);
  field(bytes, message.report.seconds);
}

}  // namespace

std::string pack(const Message& message) {
  const auto field = [](std::string& bytes, const auto& value) { put(bytes, value); };
  std::string bytes;
  each_number(bytes, message, field);
  put(bytes, static_cast<Length>(message.report.leaves.size()));
  for (const LeafReport& leaf : message.report.leaves) {
    each_field(bytes, leaf, field);
  }
  put(bytes, static_cast<Length>(message.report.missing.size()));
  for (const std::size_t index : message.report.missing) {
    put(bytes, index);
  }
  std::string framed;
  put(framed, bytes);
  return framed;
}

std::optional<Message> unpack(std::string& inbox) {
  Length length = 0;
  if (inbox.size() < sizeof length) {
    return std::nullopt;
  }
  std::memcpy(&length, inbox.data(), sizeof length);
  if (inbox.size() - sizeof length < length) {
    return std::nullopt;
  }
  const auto field = [](std::string_view& bytes, auto& value) { take(bytes, value); };
  std::string_view bytes = std::string_view(inbox).substr(sizeof length, length);
  Message message;
  each_number(bytes, message, field);
  Length count = 0;
  take(bytes, count);
  message.report.leaves.resize(count);
  for (LeafReport& leaf : message.report.leaves) {
    each_field(bytes, leaf, field);
  }
  take(bytes, count);
  message.report.missing.resize(count);
  for (std::size_t& index : message.report.missing) {
    take(bytes, index);
  }
  inbox.erase(0, sizeof length + length);
  return message;
}

}  // namespace toolkit::waiting
