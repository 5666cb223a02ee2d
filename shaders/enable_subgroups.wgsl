enable subgroups;
// Every loop around a shuffle runs equally often for all threads of a workgroup, which no analysis can see.
diagnostic(off, subgroup_uniformity);
