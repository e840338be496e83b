package dev.warren.cli.files;

/** Hears how far a transfer is. Called on the thread that moves the bytes. */
public interface Progress {
  /** The transfer begins: so many bytes in all, of which so many were here before. */
  void begin(long total, long present);

  /** So many more bytes were moved. */
  void moved(long bytes);
}
