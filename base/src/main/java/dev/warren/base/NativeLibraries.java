package dev.warren.base;

/**
 * The native libraries of one platform, as a service: an artifact that carries some provides it, so
 * that the module system finds them without a flag and an error can say which are there. Immutable,
 * any thread.
 */
public interface NativeLibraries {
  /** Operating system and processor as Netty's classifiers name them: {@code linux-x86_64}. */
  String platform();
}
