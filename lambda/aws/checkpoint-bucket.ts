/** A bucket for what functions hand to each other, too large for an item. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

export class CheckpointBucket {
  private readonly s3: S3Client;
  private readonly bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.s3 = s3;
    this.bucket = bucket;
  }

  /** Strongly consistent, as reads are. */
  async put(Key: string, Body: Uint8Array): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body }));
  }

  /** @throws NoSuchKey if there is none */
  async get(Key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
    if (Body === undefined) throw new Error(`${Key} came without its bytes`);
    return Body.transformToByteArray();
  }
}
