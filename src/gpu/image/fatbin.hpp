#pragma once
// The GPU code in a section .nv_fatbin or __nv_relfatbin: a row of containers, each a row of
// entries, one an architecture. Only headers are read; compressed entries have theirs in the clear.
// NVIDIA does not document the format. It is known from cuda-fatbin-decompression, ZLUDA and from
// libraries of CUDA 11 to 13: container {u32 0xBA55ED50, u16 version, u16 header size, u64 payload
// size}; entry {u16 kind @0 (1 PTX, 2 SASS), u32 header size @4, u64 payload size @8, u16 minor
// @24, u16 major @26 (of PTX: its ISA), u32 architecture @28, u64 flags @40 (0x100000 "a", 0x200000
// "f")}.

#include "byte_source.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace toolkit::gpu {

/// What looking may cost.
struct ScanBudget {
  std::chrono::steady_clock::time_point until;
  std::uint64_t bytes = 0;  // that may still be read
  std::function<bool()> stopped = nullptr;

  [[nodiscard]] bool spent() const {
    return bytes == 0 || std::chrono::steady_clock::now() >= until || (stopped && stopped());
  }
};

struct FatbinContent {
  std::set<std::string> sass, ptx;  // "80", "90a"
  std::string newest_ptx;           // the highest ISA: "8.7"
  /// Code for a GPU that has variants ("90" or "90a"?) whose own header could not be read.
  bool variants_unseen = false;
  std::string trouble;  // why there may be more
};

/// Adds what the section holds to `content`.
void scan_fatbin(const ByteSource& source, std::uint64_t offset, std::uint64_t size,
                 ScanBudget& budget, FatbinContent& content);

}  // namespace toolkit::gpu
