package dev.warren.testlab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP forwarder on loopback that makes a server look far away: each byte arrives {@code delay}
 * later than it was sent, either way. The connection itself is accepted at once. Threads that it
 * starts end with {@link #close()}. Any thread.
 */
public final class DelayingForwarder implements AutoCloseable {
  private static final int CHUNK = 16 * 1024;

  /** Chunks under way in one direction; more hold the sender back. */
  private static final int UNDER_WAY = 1024;

  private record Chunk(byte[] bytes, long due) {}

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile long delayNanos;
  private volatile boolean accepting = true;
  private volatile boolean closed;

  /** Forwards from a free port of 127.0.0.1. */
  public DelayingForwarder(InetSocketAddress target, Duration delay) throws IOException {
    this.target = target;
    this.delayNanos = delay.toNanos();
    this.listener = new ServerSocket(0, 128, InetAddress.getByName("127.0.0.1"));
    start(this::accept);
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** For what is sent from now on. */
  public void delay(Duration oneWay) {
    delayNanos = oneWay.toNanos();
  }

  /** Ends all connections, and each new one as soon as it comes: the server is down. */
  public void down() {
    accepting = false;
    cut();
  }

  /** Forwards again. */
  public void up() {
    accepting = true;
  }

  /** Ends all connections. */
  public void cut() {
    sockets.forEach(DelayingForwarder::close);
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        if (!accepting) {
          close(client);
          continue;
        }
        Socket server = new Socket(target.getAddress(), target.getPort());
        sockets.add(client);
        sockets.add(server);
        connect(client, server);
        connect(server, client);
      } catch (IOException refusedOrClosed) {
        // The next connection is another.
      }
    }
  }

  private void connect(Socket from, Socket to) throws IOException {
    from.setTcpNoDelay(true);
    BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(UNDER_WAY);
    start(() -> read(from, underWay));
    start(() -> write(underWay, from, to));
  }

  private void read(Socket from, BlockingQueue<Chunk> underWay) {
    byte[] buffer = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        underWay.put(new Chunk(Arrays.copyOf(buffer, n), System.nanoTime() + delayNanos));
      }
    } catch (IOException reset) {
      // Told by the end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(underWay);
    }
  }

  private void end(BlockingQueue<Chunk> underWay) {
    try {
      underWay.put(new Chunk(new byte[0], System.nanoTime() + delayNanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(BlockingQueue<Chunk> underWay, Socket from, Socket to) {
    boolean broken = false;
    try {
      OutputStream out = to.getOutputStream();
      for (; ; ) {
        Chunk chunk = underWay.take();
        if (chunk.bytes.length == 0) {
          break;
        }
        if (broken) {
          continue; // so that the reader is not stuck
        }
        for (long left = chunk.due - System.nanoTime();
            left > 0;
            left = chunk.due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        try {
          out.write(chunk.bytes);
        } catch (IOException reset) {
          broken = true;
          close(from);
        }
      }
    } catch (IOException reset) {
      close(from);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(to);
      sockets.remove(to);
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "delaying-forwarder");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
    cut();
  }
}
