package dev.warren.relay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.base.SecretKey;
import dev.warren.relay.client.wire.ClientInfo;
import dev.warren.relay.client.wire.Handshake;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A client of any generation, byte by byte. Frames are given and shown as hex of their type and
 * payload, whatever carries them. Its framing is written anew on purpose. Blocking, one thread.
 */
final class WirePeer implements AutoCloseable {
  static final HexFormat HEX = HexFormat.of();

  /** How a generation asks for its upgrade and frames its stream. */
  enum Generation {
    V2("websocket", "iroh-relay-v2, iroh-relay-v1", "/relay"),
    V1("websocket", "iroh-relay-v1", "/relay"),
    LEGACY_WEBSOCKET("websocket", null, "/relay"),
    LEGACY_NATIVE("iroh derp http", null, "/derp");

    final String upgrade;
    final String protocols;
    final String path;

    Generation(String upgrade, String protocols, String path) {
      this.upgrade = upgrade;
      this.protocols = protocols;
      this.path = path;
    }

    boolean isLegacy() {
      return protocols == null;
    }

    boolean isNative() {
      return this == LEGACY_NATIVE;
    }

    /** Native clients send no header but these two. */
    String request(String path) {
      String text = "GET " + path + " HTTP/1.1\r\nHost: relay\r\nUpgrade: " + upgrade + "\r\n";
      if (!isNative()) {
        text +=
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\n";
      }
      return text + (isLegacy() ? "" : "Sec-WebSocket-Protocol: " + protocols + "\r\n") + "\r\n";
    }
  }

  final Generation generation;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  WirePeer(InetSocketAddress relay, Generation generation) throws IOException {
    this(new Socket(relay.getAddress(), relay.getPort()), generation);
  }

  WirePeer(Socket socket, Generation generation) throws IOException {
    this.generation = generation;
    this.socket = socket;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  static WirePeer connected(InetSocketAddress relay, Generation generation, SecretKey key)
      throws IOException {
    WirePeer peer = new WirePeer(relay, generation);
    peer.upgrade(generation.path);
    return peer.authenticate(key);
  }

  /** The head of the answer. */
  String upgrade(String path) throws IOException {
    return ask(generation.request(path));
  }

  String ask(String request) throws IOException {
    write(request.getBytes(US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  WirePeer authenticate(SecretKey key) throws IOException {
    if (generation.isLegacy()) {
      send(HEX.formatHex(ClientInfo.encode(key)));
      // Success is silent: an answer to a ping shows it.
      if (!lives()) {
        throw new IOException("not let in");
      }
      return this;
    }
    byte[] challenge = HEX.parseHex(receive());
    send(HEX.formatHex(Handshake.clientAuth(key, Arrays.copyOfRange(challenge, 1, 17))));
    String answer = receive();
    if (!answer.equals("02")) {
      throw new IOException("not confirmed: " + answer);
    }
    return this;
  }

  WirePeer send(String frame) throws IOException {
    return write(bytes(frame));
  }

  /** The bytes that carry a frame. */
  byte[] bytes(String frame) {
    byte[] relay = HEX.parseHex(frame);
    return generation.isNative()
        ? ByteBuffer.allocate(relay.length + 4)
            .put(relay[0])
            .putInt(relay.length - 1)
            .put(relay, 1, relay.length - 1)
            .array()
        : RawPeer.message(0x82, relay, true);
  }

  WirePeer write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** The next frame. */
  String receive() throws IOException {
    if (generation.isNative()) {
      int type = in.readUnsignedByte();
      byte[] payload = new byte[in.readInt()];
      in.readFully(payload);
      return HEX.toHexDigits((byte) type) + HEX.formatHex(payload);
    }
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    if (first != 0x82) {
      throw new IOException("not a binary message: " + first);
    }
    length = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
    byte[] frame = new byte[length];
    in.readFully(frame);
    return HEX.formatHex(frame);
  }

  /** Bytes as they come. */
  byte[] receiveBytes(int count) throws IOException {
    byte[] bytes = new byte[count];
    in.readFully(bytes);
    return bytes;
  }

  /** Whether a ping is answered; what comes before the answer must be nothing else. */
  boolean lives() throws IOException {
    String body = "0102030405060708";
    send((generation.isLegacy() ? "0c" : "09") + body);
    return receive().equals((generation.isLegacy() ? "0d" : "0a") + body);
  }

  /** Whether the relay ends the connection, and has said nothing before. */
  boolean endsSilently() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
