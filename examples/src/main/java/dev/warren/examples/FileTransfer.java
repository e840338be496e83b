package dev.warren.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.base.Alpn;
import dev.warren.base.NodeAddr;
import dev.warren.base.NodeTicket;
import dev.warren.base.Ticket;
import dev.warren.core.BiStream;
import dev.warren.core.Connection;
import dev.warren.core.Endpoint;
import dev.warren.core.RecvStream;
import dev.warren.core.Router;
import dev.warren.core.SendStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Sends one file, whose SHA-256 the receiver checks before it keeps it.
 *
 * <pre>
 * sender to receiver   length of name u16, name, length of content u64, content, SHA-256[32], end
 * receiver to sender   1 (kept), end; or the stream is reset
 * </pre>
 *
 * <p>Shows a protocol with its own framing on one bidirectional stream, flow control (neither side
 * ever holds more than a chunk), and an ending that both sides can trust: the sender succeeds only
 * when the receiver has said that the file is on its disk. {@code FileTransfer directory} receives
 * into a directory, {@code FileTransfer file ticket} sends.
 */
public final class FileTransfer {
  private static final Alpn ALPN = Alpn.of("warren-example-file/1");
  private static final int CHUNK = 64 * 1024;
  private static final int MAX_NAME = 255;
  private static final int HASH = 32;
  private static final byte KEPT = 1;

  private FileTransfer() {}

  public static void main(String[] args) throws Exception {
    try (Endpoint endpoint = Endpoint.builder().bind()) {
      if (args.length > 1) {
        send(endpoint, Ticket.parse(args[1]).addr(), Path.of(args[0]));
        System.out.println("sent");
      } else {
        receiveInto(endpoint, Path.of(args[0]), Long.MAX_VALUE);
        System.out.println("send with: <file> " + NodeTicket.of(endpoint.addr()));
        System.in.read(); // until Enter
      }
    }
  }

  // ---- sender ----

  /** Returns when the receiver has the whole file and has checked it. */
  static void send(Endpoint endpoint, NodeAddr receiver, Path file) throws IOException {
    try (Connection connection = endpoint.connect(receiver, ALPN);
        BiStream stream = connection.openBi();
        InputStream content = Files.newInputStream(file)) {
      SendStream out = stream.send();
      byte[] name = file.getFileName().toString().getBytes(UTF_8);
      out.write(ByteBuffer.allocate(2).putShort((short) name.length).flip());
      out.write(name);
      out.write(ByteBuffer.allocate(8).putLong(Files.size(file)).flip());
      MessageDigest hash = sha256();
      byte[] chunk = new byte[CHUNK];
      for (int n = content.read(chunk); n >= 0; n = content.read(chunk)) {
        hash.update(chunk, 0, n);
        out.write(chunk, 0, n); // waits while the receiver is slower than we are
      }
      out.write(hash.digest());
      out.finish();
      byte[] answer = stream.recv().readAll(1);
      if (answer.length != 1 || answer[0] != KEPT) {
        throw new IOException("the receiver did not keep the file");
      }
    }
  }

  // ---- receiver ----

  /** Takes files of at most {@code maxBytes} from everybody, as long as the endpoint is open. */
  static Router receiveInto(Endpoint endpoint, Path directory, long maxBytes) {
    return Router.builder(endpoint)
        .accept(ALPN, connection -> receive(connection, directory, maxBytes))
        .spawn();
  }

  private static void receive(Connection connection, Path directory, long maxBytes)
      throws IOException {
    // Whatever goes wrong, closing the unfinished stream resets it, and the sender's read fails.
    try (BiStream stream = connection.acceptBi()) {
      String name = readName(stream.recv());
      long length = read(stream.recv(), 8).getLong();
      if (length < 0 || length > maxBytes) {
        throw new IOException("a file of " + length + " bytes is not taken");
      }
      // Under its own name only when it is whole: nobody must find half a file there.
      Path partial = Files.createTempFile(directory, "incoming", ".part");
      try {
        copy(stream.recv(), length, partial);
        Files.move(partial, directory.resolve(name)); // fails if there is one: nothing is replaced
      } finally {
        Files.deleteIfExists(partial);
      }
      stream.send().write(new byte[] {KEPT});
      stream.send().finish();
    }
  }

  /** The peer chooses the name, so it must not choose a directory. */
  private static String readName(RecvStream in) throws IOException {
    int length = read(in, 2).getShort() & 0xffff;
    if (length > MAX_NAME) {
      throw new IOException("a name of " + length + " bytes");
    }
    String name = UTF_8.decode(read(in, length)).toString();
    if (name.isEmpty() || name.startsWith(".") || !name.matches("[^/\\\\:\\p{Cntrl}]+")) {
      throw new IOException("not the name of a file");
    }
    return name;
  }

  private static void copy(RecvStream in, long length, Path file) throws IOException {
    MessageDigest hash = sha256();
    byte[] chunk = new byte[CHUNK];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = length; left > 0; ) {
        int n = in.read(chunk, 0, (int) Math.min(left, CHUNK));
        if (n < 0) {
          throw new IOException("the file ends " + left + " bytes early");
        }
        hash.update(chunk, 0, n);
        out.write(chunk, 0, n);
        left -= n;
      }
    }
    if (!Arrays.equals(hash.digest(), read(in, HASH).array())) {
      throw new IOException("the SHA-256 is wrong");
    }
  }

  private static ByteBuffer read(RecvStream in, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    in.readFully(buffer);
    return buffer.flip();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
