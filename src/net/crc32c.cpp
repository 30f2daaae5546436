#include <toolkit/net/checksum.hpp>
#include <toolkit/net/digest.hpp>

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace toolkit::net {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits turned round
constexpr std::size_t kWord = sizeof(std::uint64_t);

// Row n: what a byte does that n more bytes follow, for eight bytes at once.
using Table = std::array<std::array<std::uint32_t, 256>, kWord>;

constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) {
      rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    }
    table[0][byte] = rest;
  }
  for (std::size_t row = 1; row < table.size(); ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[row - 1][byte];
      table[row][byte] = (before >> 8) ^ table[0][before & 255];
    }
  }
  return table;
}

constexpr Table kTable = make_table();

std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, kWord);
  return word;
}

#if defined(__x86_64__)
// Not __builtin_cpu_supports: a constructor of libgcc's looks up all that it could be asked, by a
// dozen CPUID instructions before every main(), each of which a virtual machine hands to its host.
bool has_instruction() {
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_SSE4_2) != 0;
}

__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t sum,
                                                               std::string_view bytes) {
  std::uint64_t wide = sum;
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    wide = _mm_crc32_u64(wide, load(bytes.data()));
  }
  sum = static_cast<std::uint32_t>(wide);
  for (const char byte : bytes) {
    sum = _mm_crc32_u8(sum, static_cast<unsigned char>(byte));
  }
  return sum;
}
#elif defined(__aarch64__)
bool has_instruction() { return (::getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

__attribute__((target("+crc"))) std::uint32_t by_instruction(std::uint32_t sum,
                                                             std::string_view bytes) {
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    sum = __crc32cd(sum, load(bytes.data()));
  }
  for (const char byte : bytes) {
    sum = __crc32cb(sum, static_cast<unsigned char>(byte));
  }
  return sum;
}
#else
bool has_instruction() { return false; }
std::uint32_t by_instruction(std::uint32_t sum, std::string_view bytes) {
  return ~crc32c_by_table(~sum, bytes);
}
#endif

}  // namespace

std::uint32_t crc32c(std::uint32_t before, std::string_view bytes) {
  static const bool quick = has_instruction();
  return quick ? ~by_instruction(~before, bytes) : crc32c_by_table(before, bytes);
}

std::uint32_t crc32c_by_table(std::uint32_t before, std::string_view bytes) {
  std::uint32_t sum = ~before;
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    const std::uint64_t word = load(bytes.data()) ^ sum;
    sum = 0;
    for (std::size_t i = 0; i < kWord; ++i) {
      sum ^= kTable[kWord - 1 - i][(word >> (8 * i)) & 255];
    }
  }
  for (const char byte : bytes) {
    sum = (sum >> 8) ^ kTable[0][(sum ^ static_cast<unsigned char>(byte)) & 255];
  }
  return ~sum;
}

std::string crc32c_text(std::uint32_t checksum) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(checksum >> shift);
  }
  return to_base64(bytes);
}

}  // namespace toolkit::net
