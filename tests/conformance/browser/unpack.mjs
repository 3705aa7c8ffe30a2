// Unpacks the browser into the folder for temporary files, so that visits find it there.

// Without it the package does not unpack the libraries that the browser needs.
process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
console.log(`unpacked ${await chromium.executablePath()}`);
