package dev.warren.core;

/** A choice of options with a name; see {@link Presets}, or write your own. */
@FunctionalInterface
public interface Preset {
  /** Sets its options. What is set afterwards replaces them, or adds to them. */
  void apply(EndpointBuilder builder);
}
