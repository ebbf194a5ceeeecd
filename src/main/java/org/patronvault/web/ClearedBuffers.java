package org.patronvault.web;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Jetty's pool of buffers, which are overwritten when they come back. Without this a passphrase, a share or a password
 * stays in the buffer that it came in, outside of the heap, until another request happens to overwrite it.
 */
final class ClearedBuffers extends ByteBufferPool.Wrapper {
    private static final byte[] ZEROS = new byte[64 * 1024];

    ClearedBuffers() {
        super(new ArrayByteBufferPool());
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        return new Cleared(super.acquire(size, direct));
    }

    /** Counts its holders itself, so that the last of them overwrites it before the pool can give it to another. */
    private static final class Cleared extends RetainableByteBuffer.Wrapper {
        private final AtomicInteger holders = new AtomicInteger(1);

        Cleared(RetainableByteBuffer pooled) {
            super(pooled);
        }

        @Override
        public boolean canRetain() {
            return true;
        }

        @Override
        public boolean isRetained() {
            return holders.get() > 1;
        }

        @Override
        public int getRetained() {
            return holders.get();
        }

        @Override
        public void retain() {
            if (holders.getAndIncrement() <= 0) {
                throw new IllegalStateException("the buffer was given back");
            }
        }

        @Override
        public boolean release() {
            int left = holders.decrementAndGet();
            if (left < 0) {
                throw new IllegalStateException("the buffer was given back");
            }
            if (left == 0) {
                clear(getByteBuffer().duplicate().clear());
                return super.release();
            }
            return false;
        }

        private static void clear(ByteBuffer all) {
            while (all.hasRemaining()) {
                all.put(ZEROS, 0, Math.min(all.remaining(), ZEROS.length));
            }
        }
    }
}
