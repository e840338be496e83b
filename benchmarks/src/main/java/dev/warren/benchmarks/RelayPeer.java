package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * One end of a pair that sends prepared frames: through a relay, through the plain {@link
 * Forwarder}, or straight to each other. A thread of its own reads, answers the relay's pings and
 * tells the sizes of all other frames. {@link #write} may be called from any thread.
 */
final class RelayPeer implements AutoCloseable {
  /** Told of each frame that is not a ping; on the reading thread. */
  interface Frames {
    void arrived(RelayPeer at, int length) throws IOException;
  }

  private static final int CHUNK = 65_536;

  private final Socket socket;
  private final OutputStream out;
  private final NodeId id;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Frames frames = (peer, length) -> {};

  private RelayPeer(Socket socket, NodeId id) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.id = id;
  }

  /** Connects to a relay and proves an id. */
  static RelayPeer ofRelay(String url) throws IOException {
    URI relay = URI.create(url);
    SecretKey key = SecretKey.generate();
    RelayPeer peer = new RelayPeer(connect(relay), key.nodeId());
    DataInputStream in = new DataInputStream(peer.socket.getInputStream());
    peer.write(RelayWire.upgrade(relay.getAuthority()));
    int matched = 0;
    while (matched < 4) {
      int b = in.readUnsignedByte();
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
    }
    byte[] challenge = new byte[2 + 17];
    in.readFully(challenge);
    byte[] bare = new byte[16];
    System.arraycopy(challenge, 3, bare, 0, 16);
    peer.write(RelayWire.clientAuth(key, bare));
    byte[] confirmed = new byte[3];
    in.readFully(confirmed);
    if (confirmed[2] != RelayWire.CONFIRMED) {
      throw new IOException("the relay answered with a frame of type " + confirmed[2]);
    }
    peer.start();
    return peer;
  }

  /** Connects to something that passes bytes on as they are. */
  static RelayPeer ofForwarder(String url) throws IOException {
    RelayPeer peer = new RelayPeer(connect(URI.create(url)), SecretKey.generate().nodeId());
    peer.start();
    return peer;
  }

  static RelayPeer of(Socket connected) throws IOException {
    connected.setTcpNoDelay(true);
    RelayPeer peer = new RelayPeer(connected, SecretKey.generate().nodeId());
    peer.start();
    return peer;
  }

  private static Socket connect(URI url) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 10_000);
    if (!url.getScheme().equals("https")) {
      return socket;
    }
    return trustingAll()
        .getSocketFactory()
        .createSocket(socket, url.getHost(), url.getPort(), true);
  }

  /** Whose certificate it is does not matter to the figures. */
  static SSLContext trustingAll() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustingAll()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static final class TrustingAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  NodeId id() {
    return id;
  }

  void onFrame(Frames told) {
    frames = told;
  }

  void write(byte[] frame) throws IOException {
    writing.lock();
    try {
      out.write(frame);
    } finally {
      writing.unlock();
    }
  }

  private void start() {
    Thread reading = new Thread(this::read, "relay-peer");
    reading.setDaemon(true);
    reading.start();
  }

  private void read() {
    try (InputStream in = socket.getInputStream()) {
      FrameSizes sizes = new FrameSizes(this);
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        sizes.take(chunk, n);
      }
    } catch (IOException closed) {
      // Whoever waits for a frame gives up in time.
    }
  }

  /** Finds the ends of WebSocket frames, and keeps what is in the small ones. */
  private static final class FrameSizes {
    private static final int KEPT = 16;
    private final RelayPeer peer;
    private final byte[] head = new byte[4 + 4 + KEPT];
    private int have;
    private int whole = -1;
    private int start;
    private int seen;

    FrameSizes(RelayPeer peer) {
      this.peer = peer;
    }

    void take(byte[] chunk, int n) throws IOException {
      int at = 0;
      while (at < n) {
        if (whole < 0) {
          head[have++] = chunk[at++];
          seen = have;
          size();
        } else {
          int more = Math.min(whole - seen, n - at);
          for (int i = 0; i < more && have < head.length; i++) {
            head[have++] = chunk[at + i];
          }
          at += more;
          seen += more;
        }
        if (whole >= 0 && seen == whole) {
          end();
        }
      }
    }

    private void size() {
      if (have >= 2) {
        int mask = (head[1] & 0x80) == 0 ? 0 : 4;
        int n = head[1] & 0x7f;
        if (n < 126) {
          start = 2 + mask;
          whole = start + n;
        } else if (have >= 4) {
          start = 4 + mask;
          whole = start + ((head[2] & 0xff) << 8 | head[3] & 0xff);
        }
      }
    }

    private void end() throws IOException {
      int length = whole - start;
      if (start == 2 && length == 9 && head[2] == RelayWire.PING) {
        byte[] ping = new byte[8];
        System.arraycopy(head, 3, ping, 0, 8);
        peer.write(RelayWire.pong(ping));
      } else {
        peer.frames.arrived(peer, length);
      }
      whole = -1;
      have = 0;
      seen = 0;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
