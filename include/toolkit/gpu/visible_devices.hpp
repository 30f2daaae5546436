#pragma once
// CUDA_VISIBLE_DEVICES as the driver reads it: which GPUs a program will see, in which order, and
// where the list was cut short. Pure. The semantics are those of the CUDA Programming Guide
// ("CUDA_VISIBLE_DEVICES"); where that is silent, those of PyTorch's copy of them
// (torch.cuda._parse_visible_devices): numbers are read as strtoul does ("1gpu2" is 1), and what
// names a GPU twice hides all.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

/// A GPU that could be shown. Their order is the one that numbers mean.
struct VisibleCandidate {
  struct Instance {
    std::string uuid;  // "MIG-…"
    std::string path;  // "GI/CI": "1/0", "" unseen
  };
  std::string uuid;  // "GPU-…"
  std::vector<Instance> instances;
};

enum class ListEnd {
  whole,      // every entry counts
  negative,   // "-1": hides itself and the rest, by intent
  malformed,  // no number and no name that the list's form allows
  absent,     // a number or name that is not here
  ambiguous,  // the beginning of several names
  repeated,   // something twice: nothing is visible
};

struct VisibleEntry {
  std::string text;
  std::size_t gpu = 0;                  // place in the candidates
  std::optional<std::size_t> instance;  // of MIG
};

struct VisibleDevices {
  bool set = false;
  bool by_number = false;             // otherwise by name
  std::vector<VisibleEntry> entries;  // what a program sees, ordinal 0 first
  ListEnd end = ListEnd::whole;
  std::string culprit;               // the entry that ended the list
  std::vector<std::string> ignored;  // instances of MIG behind the first: CUDA shows one only
};

/// What the variable leaves of the candidates; nothing: it is not set, all are visible.
[[nodiscard]] VisibleDevices visible_devices(std::optional<std::string_view> value,
                                             std::span<const VisibleCandidate> candidates);

}  // namespace toolkit::gpu
