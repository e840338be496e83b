package dev.warren.magicsock;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Two magic sockets on loopback; what arrives at each is listed. */
final class SocketPair implements AutoCloseable {
  /** A datagram that arrived. */
  record Arrived(Peer from, int size) {}

  final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, DatagramTransport.best().ioHandlerFactory());
  final Queue<Arrived> atServer = new ConcurrentLinkedQueue<>();
  final Queue<Arrived> atClient = new ConcurrentLinkedQueue<>();
  final EventLoop serverLoop = loops.next();
  final EventLoop clientLoop = loops.next();
  final MagicSocket server;
  final MagicSocket client;

  SocketPair() throws Exception {
    this("127.0.0.1:0");
  }

  /** The client is at 127.0.0.1. */
  SocketPair(String serverAddress, RelayUrl... relays) throws Exception {
    server = socket(serverLoop, serverAddress, atServer, relays);
    client = socket(clientLoop, "127.0.0.1:0", atClient, relays);
  }

  static MagicSocket socket(
      EventLoop loop, String address, Queue<Arrived> arrived, RelayUrl... relays) throws Exception {
    return socket(loop, address, arrived, true, relays);
  }

  /** Without {@code direct} it sends by relays alone. */
  static MagicSocket socket(
      EventLoop loop, String address, Queue<Arrived> arrived, boolean direct, RelayUrl... relays)
      throws Exception {
    return builder(loop, address, arrived, direct, relays).bind();
  }

  static MagicSocketBuilder builder(
      EventLoop loop, String address, Queue<Arrived> arrived, boolean direct, RelayUrl... relays) {
    return MagicSocket.builder()
        .secretKey(SecretKey.generate())
        .eventLoop(loop)
        .bindAddrs(List.of(SocketAddrs.parse(address)))
        .relays(List.of(relays))
        .directEnabled(direct)
        .callbacks(Runnable::run)
        .receiver(
            new DatagramReceiver() {
              @Override
              public void onDatagram(Peer peer, ByteBuf datagram) {
                arrived.add(new Arrived(peer, datagram.readableBytes()));
                datagram.release();
              }

              @Override
              public void onReadComplete() {}
            });
  }

  static ByteBuf quic(int size) {
    return Unpooled.directBuffer(size).writeZero(size).setByte(0, 0xc3);
  }

  static void send(Peer peer, int size) {
    peer.send(quic(size), 0);
    peer.flush();
  }

  @Override
  public void close() {
    client.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3000);
  }
}
