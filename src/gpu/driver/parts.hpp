#pragma once
// The parts of the driver's facts, one source file a subject. Paths are below `root`.

#include <toolkit/gpu/collect.hpp>

#include <string>

namespace toolkit::gpu {

void read_module(const std::string& root, DriverFacts& facts);
void read_proc_gpus(const std::string& root, DriverFacts& facts);
/// After read_proc_gpus: a GPU that the driver knows has a node, or lacks it.
void read_nodes(const std::string& root, DriverFacts& facts);
void read_pci(const std::string& root, DriverFacts& facts);
void read_libraries(const CollectOptions& options, DriverFacts& facts);
void read_history(const std::string& root, DriverFacts& facts);

}  // namespace toolkit::gpu
